'use strict';

/* Two articles side by side, their sentences linked. */
const Reader = (() => {
  const { byId, el, replace, count, name, date, announce } = Dom;
  const SIDES = ['left', 'right'];
  const KINDS = {
    verbatim: 'word for word',
    edited: 'edited',
    reworded: 'reworded',
    linked: 'linked through the representative',
  };

  /* What is shown: the family, the places of its two members, their alignment, and the pair in hand. */
  let shown = null;

  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

  /* ---- Marked text ---- */

  /* A text may mark paragraphs by blank lines, or else by line ends alone. */
  function paragraphs(text) {
    const gap = /\n[^\S\n]*\n\s*/.test(text) ? /\n[^\S\n]*\n\s*/g : /\n+/g;
    const ranges = [];
    let start = 0;
    for (const match of text.matchAll(gap)) {
      ranges.push([start, match.index]);
      start = match.index + match[0].length;
    }
    ranges.push([start, text.length]);
    return ranges.filter(([from, to]) => text.slice(from, to).trim() !== '');
  }

  /* The sentences of one side in order, each with the pairs that it is in; none overlap. */
  function sentences(alignment, side) {
    const all = alignment.pairs.map((pair, at) => ({ range: pair[side], pairs: [at], kind: pair.kind }));
    for (const range of alignment[`only_${side}`]) all.push({ range, pairs: [], kind: 'only' });
    all.sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
    const merged = [];
    for (const sentence of all) {
      const last = merged.at(-1);
      if (last && sentence.range[0] < last.range[1]) {
        last.range = [last.range[0], Math.max(last.range[1], sentence.range[1])];
        last.pairs.push(...sentence.pairs);
      } else merged.push(sentence);
    }
    return merged;
  }

  /* What is marked within the sentences of one side. */
  function inner(alignment, side) {
    const [from, to] = side === 'left' ? [0, 1] : [2, 3];
    const marks = [];
    alignment.pairs.forEach((pair, at) => {
      for (const range of pair.shared) marks.push({ kind: 'shared', range: [range[from], range[to]] });
      pair.differences.forEach((difference, which) => {
        if (difference[side]) marks.push({ kind: 'difference', range: difference[side], of: `${at}.${which}` });
      });
    });
    return marks;
  }

  /* A stretch of one sentence, cut where a mark begins or ends. */
  function marked(text, [start, end], marks) {
    const here = marks.filter(({ range }) => range[0] < end && range[1] > start);
    const cuts = new Set([start, end]);
    for (const { range } of here) for (const cut of range) if (cut > start && cut < end) cuts.add(cut);
    const ends = [...cuts].sort((a, b) => a - b);
    return ends.slice(1).map((to, at) => {
      const from = ends[at];
      const over = here.filter(({ range }) => range[0] <= from && range[1] >= to);
      const piece = text.slice(from, to);
      if (over.length === 0) return piece;
      const difference = over.find(({ kind }) => kind === 'difference');
      const kinds = new Set(over.map(({ kind }) => kind));
      return el('span', { class: [...kinds].join(' '), 'data-difference': difference?.of }, piece);
    });
  }

  function label(sentence, side) {
    if (sentence.kind === 'only') return side === 'left' ? '−' : '+';
    return sentence.pairs.map((pair) => pair + 1).join('·');
  }

  function span(text, [start, end], sentence, side, marks) {
    const linked = sentence.pairs.length > 0;
    const begins = start === sentence.range[0];
    return el(
      'span',
      {
        class: `sentence ${sentence.kind}`,
        'data-pairs': linked ? sentence.pairs.join(' ') : null,
        role: linked && begins ? 'link' : null,
        tabindex: linked && begins ? -1 : null,
      },
      begins ? el('span', { class: 'number-of-pair', 'aria-hidden': 'true' }, label(sentence, side)) : null,
      marked(text, [start, end], marks),
    );
  }

  function body(text, alignment, side) {
    const all = sentences(alignment, side);
    const marks = inner(alignment, side);
    return paragraphs(text).map(([start, end]) => {
      const pieces = [];
      let at = start;
      for (const sentence of all) {
        const [from, to] = [Math.max(start, sentence.range[0]), Math.min(end, sentence.range[1])];
        if (from >= to) continue;
        pieces.push(text.slice(at, from), span(text, [from, to], sentence, side, marks));
        at = to;
      }
      pieces.push(text.slice(at, end));
      return el('p', { dir: 'auto' }, pieces.filter((piece) => piece !== ''));
    });
  }

  /* ---- The page ---- */

  function picker(side) {
    const { family } = shown;
    const choose = el('select', { 'aria-label': `The article on the ${side}`, onchange: () => go({ [side]: choose.selectedIndex }) },
      family.members.map((article, at) => el('option', { selected: at === shown[side] },
        `${at + 1}. ${[article.source, name(article)].filter(Boolean).join(': ')}`)));
    return choose;
  }

  function page(side, text) {
    const article = shown.family.members[shown[side]];
    const about = [article.source, article.date ? date(article.date) : null, count(article.words, 'word')];
    return el(
      'article',
      { class: 'page', 'data-side': side, 'aria-label': `On the ${side}: ${name(article)}`, tabindex: -1 },
      el('header', {}, picker(side)),
      el('h2', { dir: 'auto' }, name(article)),
      el('p', { class: 'facts' }, about.filter(Boolean).join(' · ')),
      el('div', { class: 'body' }, body(text, shown.alignment, side)),
    );
  }

  function legend() {
    const { pairs, only_left: left, only_right: right, composed } = shown.alignment;
    const entry = (kind, text) => el('li', {}, el('span', { class: `mark ${kind}` }, text));
    const kinds = Object.keys(KINDS).map((kind) => [kind, pairs.filter((pair) => pair.kind === kind).length]);
    const entries = kinds.filter(([kind, number]) => number > 0 || (kind !== 'linked' && !composed))
      .map(([kind, number]) => entry(kind, `${number} ${KINDS[kind]}`));
    if (!composed) entries.push(entry('only', `−${left.length} only on the left`), entry('only', `+${right.length} only on the right`));
    replace(byId('legend'), entries);
  }

  function differences() {
    const { alignment, texts } = shown;
    const quote = (side, range) => (range ? texts[side].slice(...range).replace(/\s+/g, ' ') : 'none');
    const all = alignment.pairs.flatMap((pair, at) => pair.differences.map((difference, which) => {
      const { kind, left, right } = difference;
      return el('button', { type: 'button', 'data-of': `${at}.${which}`, onclick: () => toDifference(`${at}.${which}`) },
        el('small', {}, kind), el('bdi', {}, quote('left', left)), ' ↔ ', el('bdi', {}, quote('right', right)));
    }));
    const place = byId('differences');
    place.hidden = all.length === 0;
    replace(place, all);
  }

  function facts() {
    const { family, left, right } = shown;
    const [one, other] = [family.members[left], family.members[right]];
    const low = Math.min(left, right);
    const high = Math.max(left, right);
    const score = family.scores[high]?.[low];
    const about = [score === undefined || left === right ? null : `Score ${score.toFixed(2)}`];
    for (const [article, beside] of [[one, other], [other, one]]) {
      if (article.origin?.from === beside.id) about.push(`${article.source ?? name(article)} most likely from ${beside.source ?? name(beside)}: ${Dom.origin(article.origin)}`);
    }
    byId('reader-facts').textContent = about.filter(Boolean).join(' · ');
    byId('reader-title').textContent = `${name(one)} and ${name(other)} side by side`;
    document.title = `${name(one)} | ${name(other)} – Story families`;
  }

  function notice() {
    const { alignment, left, right } = shown;
    const text = left === right ? 'This is one article on both sides.'
      : alignment.composed ? 'These two were not compared sentence by sentence. Sentences are linked where both belong to the same sentence of the representative; what only these two share is not marked, nor what only one of them has.'
        : alignment.pairs.length === 0 ? 'No sentence of one belongs to a sentence of the other.' : '';
    byId('reader-notice').hidden = text === '';
    byId('reader-notice').textContent = text;
  }

  const nothing = { pairs: [], only_left: [], only_right: [], composed: true };

  async function show(number, left, right) {
    const family = await Data.family(number);
    const [one, other] = await Promise.all([Data.text(number, left), Data.text(number, right)]);
    const alignment = left === right ? nothing : Alignment.of(family, left, right) ?? nothing;
    shown = { number, family, left, right, alignment, texts: { left: one, right: other }, pair: -1, difference: null };
    const { start } = Data.overview;
    replace(byId('reader-crumbs'), start ? [] : el('a', { href: '#/' }, 'All families'), el('a', { href: `#/family/${number}`, dir: 'auto' }, family.label));
    facts();
    legend();
    notice();
    differences();
    replace(byId('pages'), page('left', one), page('right', other));
    byId('step-back').disabled = byId('step-on').disabled = alignment.pairs.length === 0;
    const first = byId('pages').querySelector('[role="link"]');
    if (first) first.tabIndex = 0;
    scrollTo({ top: 0, behavior: 'instant' });
  }

  const go = (change) => {
    const { number, left, right } = { ...shown, ...change };
    location.hash = `#/read/${number}/${left}/${right}`;
  };

  /* ---- Moving, on both sides together ---- */

  const pane = (side) => byId('pages').querySelector(`[data-side="${side}"]`);

  const spans = (pair, side) => [...(side ? pane(side) : byId('pages')).querySelectorAll(`[data-pairs~="${pair}"]`)];

  const pairsOf = (sentence) => (sentence?.dataset.pairs ?? '').split(' ').filter(Boolean).map(Number);

  /* Scrolls a side until the element stands at a height of the window. */
  function align(side, element, height) {
    const place = pane(side);
    const by = element.getBoundingClientRect().top - height;
    place.scrollBy({ top: by, behavior: reducedMotion.matches ? 'instant' : 'smooth' });
  }

  /* How far down its side a sentence stands best: below the head, with some text above it. */
  function restingHeight(side) {
    const { top, height } = pane(side).getBoundingClientRect();
    return top + Math.max(height * 0.28, 72);
  }

  /* Puts one pair in hand: marks it on both sides, and brings it to one height. */
  function activate(pair, from) {
    for (const element of byId('pages').querySelectorAll('.active')) element.classList.remove('active');
    for (const element of byId('pages').querySelectorAll('[role="link"][tabindex="0"]')) element.tabIndex = -1;
    for (const element of spans(pair)) element.classList.add('active');
    shown.pair = pair;
    const stacked = pane('left').offsetTop !== pane('right').offsetTop;
    const held = from ? spans(pair, from)[0] : null;
    for (const side of SIDES) {
      const [first] = spans(pair, side);
      if (!first) continue;
      first.tabIndex = 0;
      if (side === from) continue;
      align(side, first, held && !stacked ? held.getBoundingClientRect().top : restingHeight(side));
    }
    tell(pair);
  }

  function tell(pair) {
    const { alignment, texts } = shown;
    const { kind, left, right } = alignment.pairs[pair];
    announce(`Pair ${pair + 1} of ${alignment.pairs.length}, ${KINDS[kind]}. Left: ${texts.left.slice(...left)} Right: ${texts.right.slice(...right)}`);
  }

  function step(by) {
    const { pairs } = shown.alignment;
    if (pairs.length === 0) return;
    const to = shown.pair < 0 ? (by > 0 ? 0 : pairs.length - 1) : (shown.pair + by + pairs.length) % pairs.length;
    activate(to, null);
    const side = document.activeElement?.closest?.('.page')?.dataset.side ?? 'left';
    (spans(to, side)[0] ?? spans(to)[0])?.focus({ preventScroll: true });
  }

  function toDifference(of) {
    for (const button of byId('differences').children) {
      const active = button.dataset.of === of;
      button.classList.toggle('active', active);
      if (active) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    shown.difference = of;
    activate(Number(of.split('.')[0]), null);
  }

  function stepDifference(by) {
    const all = [...byId('differences').children].map((button) => button.dataset.of);
    if (all.length === 0) return;
    const at = all.indexOf(shown.difference);
    toDifference(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  }

  function hover(event) {
    const sentence = event.type === 'mouseover' ? event.target.closest('.sentence') : null;
    for (const element of byId('pages').querySelectorAll('.near')) element.classList.remove('near');
    for (const pair of pairsOf(sentence)) for (const element of spans(pair)) element.classList.add('near');
  }

  function press(event) {
    const sentence = event.target.closest('.sentence');
    const pairs = pairsOf(sentence);
    if (pairs.length === 0 || !getSelection().isCollapsed) return;
    // A sentence of several pairs goes from one to the next.
    const next = pairs[(pairs.indexOf(shown.pair) + 1) % pairs.length];
    activate(next, sentence.closest('.page').dataset.side);
  }

  function start() {
    const pages = byId('pages');
    pages.addEventListener('mouseover', hover);
    pages.addEventListener('mouseleave', hover);
    pages.addEventListener('click', press);
    byId('step-back').addEventListener('click', () => step(-1));
    byId('step-on').addEventListener('click', () => step(1));
    byId('swap').addEventListener('click', swap);
  }

  const swap = () => go({ left: shown.right, right: shown.left });

  function key(pressed, event) {
    if (pressed === 'j' || pressed === 'ArrowDown') step(1);
    else if (pressed === 'k' || pressed === 'ArrowUp') step(-1);
    else if (pressed === 'n') stepDifference(1);
    else if (pressed === 'p') stepDifference(-1);
    else if (pressed === 'x') swap();
    else if ((pressed === 'Enter' || pressed === ' ') && event.target.matches?.('.sentence')) press(event);
    else return false;
    return true;
  }

  const up = () => `#/family/${shown.number}`;

  return { start, show, key, up };
})();
