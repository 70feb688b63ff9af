'use strict';

/* The overview: figures, charts, and the list of families, sorted and filtered. */
const Overview = (() => {
  const { byId, el, replace, count, dates } = Dom;
  const LEVELS = { copy: 'copies throughout', retelling: 'retellings', event: 'one event' };

  /* The numbers of the families that the filters leave, in the order of the list. */
  let order = [];
  let list = null;
  let scrolled = 0;

  /* ---- Filters ---- */

  const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

  /* All that the search looks at, made when it is first asked. */
  function searched(family) {
    family.searched ??= fold([family.label, ...family.outlets, ...family.articles.flat()].filter(Boolean).join('\n'));
    return family.searched;
  }

  function filter({ text, outlet, level, from, to, size }) {
    const words = fold(text).split(/\s+/).filter(Boolean);
    return (family) =>
      family.size >= size &&
      (!outlet || family.outlets.includes(outlet)) &&
      (!level || family.level === level) &&
      (!from || (family.last !== null && family.last >= from)) &&
      (!to || (family.first !== null && family.first <= to)) &&
      words.every((word) => searched(family).includes(word));
  }

  const undatedLast = (compare) => (a, b) => (a.first === null) - (b.first === null) || (a.first === null ? 0 : compare(a, b));
  const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const span = (family) => Dom.day(family.last) - Dom.day(family.first);

  /* The document has the largest first; whatever is equal stays in that order. */
  const SORTS = {
    size: () => 0,
    newest: undatedLast((a, b) => text(b.first, a.first)),
    oldest: undatedLast((a, b) => text(a.first, b.first)),
    days: undatedLast((a, b) => span(b) - span(a)),
    outlets: (a, b) => b.outlets.length - a.outlets.length,
    title: (a, b) => a.label.localeCompare(b.label, 'en'),
  };

  function settings() {
    const { text: words, outlet, level, from, to, size, sort } = byId('filters').elements;
    return {
      text: words.value, outlet: outlet.value, level: level.value, from: from.value, to: to.value,
      size: Number(size.value) || 0, sort: sort.value,
    };
  }

  function apply() {
    const { families } = Data.overview;
    const chosen = settings();
    order = families.filter(filter(chosen)).sort(SORTS[chosen.sort]).map((family) => family.number);
    tellFound();
    list.reset(order.length);
    const empty = byId('rows-empty');
    empty.hidden = order.length > 0;
    empty.textContent = families.length === 0
      ? 'No two of these articles tell one story, at this level.'
      : 'No family is left by these filters.';
  }

  function tellFound(inPrint) {
    const all = Data.overview.families.length;
    const of = order.length === all ? '' : `${order.length.toLocaleString('en')} of `;
    const most = VirtualList.MOST_PRINTED;
    const printed = inPrint && order.length > most ? `, of which the first ${most} are printed` : '';
    byId('found').textContent = of + count(all, 'family', 'families') + printed;
  }

  function pick(values) {
    const { elements } = byId('filters');
    for (const [name, value] of Object.entries(values)) elements[name].value = value;
    apply();
  }

  /* ---- The list ---- */

  function outletsOf(family) {
    const [shown, more] = [family.outlets.slice(0, 3), family.outlets.length - 3];
    return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
  }

  function row(at) {
    const family = Data.overview.families[order[at]];
    const about = [outletsOf(family), family.first ? dates(family.first, family.last) : 'undated'].filter(Boolean).join(' · ');
    const level = LEVELS[family.level] ?? family.level;
    return el('li', { class: 'row' }, el(
      'a',
      { href: `#/family/${family.number}` },
      el('span', { class: 'row-size' }, String(family.size), el('span', { class: 'visually-hidden' }, ' articles: ')),
      el('span', { class: 'row-title', dir: 'auto' }, family.label),
      el('span', { class: 'row-about' }, about, el('span', { class: 'level' }, ` · ${level}`)),
      el('span', { class: 'row-level tag' }, level),
    ));
  }

  /* ---- What stands around it ---- */

  function figures({ totals }) {
    const all = [
      [totals.articles, 'articles'],
      [totals.families, 'families'],
      [totals.articles - totals.alone, 'in families'],
      [totals.alone, 'alone'],
      [totals.skipped, 'skipped'],
    ];
    replace(byId('figures'), all.map(([number, what]) =>
      el('div', {}, el('dt', {}, what), el('dd', {}, number.toLocaleString('en')))));
  }

  function choices() {
    const { families, outlets } = Data.overview;
    const { outlet, level } = byId('filters').elements;
    outlet.append(...[...outlets].sort(text).map((name) => el('option', { value: name }, name)));
    outlet.disabled = outlets.length === 0;
    const levels = Object.keys(LEVELS).filter((name) => families.some((family) => family.level === name));
    level.append(...levels.map((name) => el('option', { value: name }, LEVELS[name])));
  }

  /* A list that is filled when it is opened. */
  function others(id, title, number, fill) {
    const place = byId(id);
    place.hidden = number === 0;
    place.querySelector('summary').textContent = title;
    place.addEventListener('toggle', async () => replace(place.lastElementChild, await fill()), { once: true });
  }

  const MOST_LISTED = 2000;

  function listed(all, item) {
    const more = all.length - MOST_LISTED;
    const items = all.slice(0, MOST_LISTED).map(item);
    return more > 0 ? [...items, el('li', {}, `and ${more.toLocaleString('en')} more, in the JSON document`)] : items;
  }

  function start() {
    const { report, families } = Data.overview;
    figures(report);
    choices();
    Charts.sizes(byId('sizes'), families, (bar) => pick({ size: bar.low }));
    Charts.days(byId('days'), byId('days-unit'), families, (bar) => pick({ from: bar.from, to: bar.to }));
    others('alone', `${count(report.totals.alone, 'article')} in no family`, report.totals.alone, async () =>
      listed(await Data.alone(), (article) => el('li', { dir: 'auto' },
        [Dom.name(article), article.source, article.date && Dom.date(article.date)].filter(Boolean).join(' · '))));
    others('skipped', `${report.totals.skipped.toLocaleString('en')} skipped`, report.totals.skipped, () =>
      listed(report.skipped, ({ path, line, reason }) => el('li', {}, `${path}${line ? `:${line}` : ''}: ${reason}`)));

    list = new VirtualList(byId('rows'), row);
    const form = byId('filters');
    form.addEventListener('input', apply);
    form.addEventListener('reset', () => queueMicrotask(() => requestAnimationFrame(apply)));
    const more = byId('more-filters');
    more.addEventListener('click', () => more.setAttribute('aria-expanded', more.getAttribute('aria-expanded') === 'false'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      list.focus(0);
    });
    addEventListener('beforeprint', () => tellFound(true));
    addEventListener('afterprint', () => tellFound(false));
    apply();
  }

  function show() {
    document.title = 'Story families';
    scrollTo({ top: scrolled, behavior: 'instant' });
    list.update();
    if (list.active >= 0) list.rows.get(list.active)?.querySelector('a').focus({ preventScroll: true });
  }

  const leave = () => { scrolled = scrollY; };

  function key(name) {
    if (name === 'j' || name === 'ArrowDown') list.step(1);
    else if (name === 'k' || name === 'ArrowUp') list.step(-1);
    else if (name === 'Home') list.focus(0);
    else if (name === 'End') list.focus(order.length - 1);
    else return false;
    return true;
  }

  /* The families before and after one in the list as it is sorted and filtered. */
  function neighbours(number) {
    const at = order.indexOf(number);
    return { before: order[at - 1], after: at < 0 ? undefined : order[at + 1], at, of: order.length };
  }

  return { start, show, leave, key, neighbours };
})();
