'use strict';

/*
 * What the page shows. It lies in the page itself, in script elements that hold no script: JSON,
 * deflated, in base64. `data-overview` is all that the list needs. The families and their articles'
 * texts come in chunks, of which only those are inflated that somebody looks at.
 */
const Data = (() => {
  /* Inflated chunks that are kept. A pair of articles needs two or three. */
  const KEPT = 24;

  /* Where the fields of a family stand in the overview. */
  const [LABEL, LEVEL, SIZE, FIRST, LAST, OUTLETS, ARTICLES] = [0, 1, 2, 3, 4, 5, 6];

  const chunks = new Map();
  let overview = null;

  function bytes(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  async function inflate(base64) {
    const deflated = new Blob([bytes(base64)]).stream();
    const inflated = deflated.pipeThrough(new DecompressionStream('deflate-raw'));
    return new Response(inflated).json();
  }

  /* The page may still be coming in from the disk when its first family is opened. */
  async function element(name) {
    const found = document.getElementById(`data-${name}`);
    if (found || document.readyState !== 'loading') return found;
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
    return document.getElementById(`data-${name}`);
  }

  async function read(name) {
    const place = await element(name);
    if (!place) throw new Error(`The report is incomplete: ${name} is missing.`);
    return inflate(place.textContent);
  }

  function chunk(name) {
    const found = chunks.get(name) ?? read(name);
    // The last one asked for comes last, so that the first is the one to forget.
    chunks.delete(name);
    chunks.set(name, found);
    if (chunks.size > KEPT) chunks.delete(chunks.keys().next().value);
    return found;
  }

  /* The item of a number, where chunk `n` begins with the item of the number `starts[n]`. */
  async function item(kind, starts, number) {
    let at = starts.length - 1;
    while (at > 0 && starts[at] > number) at -= 1;
    return (await chunk(`${kind}-${at}`))[number - starts[at]];
  }

  function summary(row, number) {
    return {
      number,
      label: row[LABEL],
      level: row[LEVEL],
      size: row[SIZE],
      first: row[FIRST],
      last: row[LAST],
      outlets: row[OUTLETS].map((outlet) => overview.outlets[outlet]),
      articles: row[ARTICLES],
    };
  }

  /* Reads what the list needs; everything else can be asked for afterwards. */
  async function open() {
    overview = await read('overview');
    let articles = 0;
    overview.families = overview.families.map((row, number) => {
      const family = summary(row, number);
      family.firstText = articles;
      articles += family.size;
      return family;
    });
    return overview;
  }

  /* A family as it stands in the JSON document. */
  const family = (number) => item('families', overview.chunks.families, number);

  /* The text of a member of a family. */
  const text = (number, member) =>
    item('texts', overview.chunks.texts, overview.families[number].firstText + member);

  /* The articles that are in no family, without their texts. */
  const alone = () => read('alone');

  return { open, family, text, alone, get overview() { return overview; } };
})();
