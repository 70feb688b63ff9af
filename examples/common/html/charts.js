'use strict';

/* Bars and dots, drawn with elements: they keep their text at its size, however wide they are. */
const Charts = (() => {
  const { el, replace, count, day, isoDay, date } = Dom;

  /* ---- Bars ---- */

  function bars(place, all, onPick) {
    const most = Math.max(1, ...all.map((bar) => bar.value));
    const elements = all.map((bar) => {
      const fill = el('span', { class: 'bar-fill' });
      fill.style.height = bar.value === 0 ? '0' : `max(2px, ${(bar.value / most) * 82}%)`;
      return el(
        'div',
        { class: 'bar', title: bar.title, onclick: () => onPick(bar) },
        bar.count ? el('span', { class: 'bar-count' }, bar.count) : null,
        fill,
        bar.label ? el('span', { class: `bar-label ${bar.end ? 'bar-label-end' : ''}` }, bar.label) : null,
      );
    });
    place.setAttribute('role', 'img');
    place.setAttribute('aria-label', all.filter((bar) => bar.value > 0).map((bar) => bar.title).slice(0, 40).join('; '));
    replace(place, elements);
  }

  /* Sizes in steps that grow: 2, 3, 4, 5, 6 to 10, 11 to 20, … */
  function sizes(place, families, onPick) {
    const largest = Math.max(...families.map((family) => family.size));
    const steps = [2, 3, 4, 5];
    for (let low = 6, high = 10; low <= largest; low = high + 1, high *= String(high).startsWith('2') ? 2.5 : 2) steps.push(low);
    const starts = steps.filter((low) => low <= largest);
    bars(place, starts.map((low, at) => {
      const next = starts[at + 1];
      const value = families.filter(({ size }) => size >= low && (next === undefined || size < next)).length;
      const label = next === undefined ? (low === largest ? `${low}` : `${low}+`) : next === low + 1 ? `${low}` : `${low}–${next - 1}`;
      return { value, low, label, count: String(value), title: `${count(value, 'family', 'families')} of ${label} articles` };
    }), onPick);
  }

  /* ---- Days ---- */

  const MOST_BARS = 120;

  /* The narrowest unit of time of which so many make up the whole. */
  const UNITS = [
    { name: 'day', most: 1, start: (number) => number },
    { name: 'week', most: 7, start: (number) => number - ((number + 3) % 7) },
    { name: 'month', most: 31, start: (number) => day(`${isoDay(number).slice(0, 7)}-01`) },
    { name: 'year', most: 366, start: (number) => day(`${isoDay(number).slice(0, 4)}-01-01`) },
  ];

  function days(place, unitName, families, onPick) {
    const firsts = families.filter((family) => family.first).map((family) => day(family.first));
    if (firsts.length === 0) {
      unitName.textContent = '';
      replace(place, el('p', { class: 'empty' }, 'No article carries a date.'));
      return;
    }
    const [from, to] = [Math.min(...firsts), Math.max(...firsts)];
    const unit = UNITS.find(({ most }) => (to - from) / most < MOST_BARS) ?? UNITS.at(-1);
    const counts = new Map();
    // From any day of a unit, as many days on as the longest has are in the next.
    for (let at = unit.start(from); at <= to; at = unit.start(at + unit.most)) counts.set(at, 0);
    for (const first of firsts) counts.set(unit.start(first), counts.get(unit.start(first)) + 1);
    const undated = families.length - firsts.length;
    const most = Math.max(...counts.values());
    unitName.textContent = `by ${unit.name}, at most ${most.toLocaleString('en')}${undated > 0 ? `; ${undated.toLocaleString('en')} undated` : ''}`;
    const starts = [...counts.keys()];
    bars(place, starts.map((start, at) => {
      const end = isoDay((starts[at + 1] ?? unit.start(start + unit.most)) - 1);
      const value = counts.get(start);
      const [first, last] = [at === 0, at === starts.length - 1 && at > 0];
      const title = `${date(isoDay(start))}${unit.name === 'day' ? '' : ` to ${date(end)}`}: ${count(value, 'family', 'families')}`;
      return { value, title, from: isoDay(start), to: end, end: last, label: first || last ? date(last ? end : isoDay(start)) : null };
    }), onPick);
  }

  /* ---- The timeline of one family ---- */

  const DOT = 14;
  const MOST_STACKED = 12;

  /* A dot for each dated article above its day; those of one day stand on one another. */
  function timeline(place, articles, open) {
    const dated = articles.filter((article) => article.date);
    if (dated.length === 0) {
      replace(place, el('p', { class: 'hint' }, 'No article of this family carries a date.'));
      return;
    }
    const numbers = dated.map((article) => day(article.date));
    const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
    const stacked = new Map();
    const dots = dated.map((article, at) => {
      const height = stacked.get(numbers[at]) ?? 0;
      stacked.set(numbers[at], height + 1);
      if (height >= MOST_STACKED) return null;
      const label = `${date(article.date)}: ${article.source ? `${article.source}, ` : ''}${Dom.name(article)}`;
      const dot = el('a', { class: `dot ${numbers[at] === from ? 'first' : ''}`, href: open(article), title: label, 'aria-label': label });
      dot.style.left = `${to === from ? 1 : ((numbers[at] - from) / (to - from)) * 100}%`;
      dot.style.bottom = `${height * DOT + 2}px`;
      return dot;
    });
    const tallest = Math.max(...stacked.values());
    const track = el('div', { class: 'track' }, dots);
    track.style.height = `${Math.min(tallest, MOST_STACKED) * DOT + 8}px`;
    const ticks = el('div', { class: 'ticks' }, tickDays(from, to).map((number) => {
      const tick = el('span', { class: 'tick' }, date(isoDay(number)));
      tick.style.left = `${to === from ? 0 : ((number - from) / (to - from)) * 100}%`;
      return tick;
    }));
    const undated = articles.length - dated.length;
    const notes = [
      undated > 0 ? `${count(undated, 'article')} without a date.` : null,
      tallest > MOST_STACKED ? `Of one day at most ${MOST_STACKED} are drawn; the fullest has ${tallest}.` : null,
    ].filter(Boolean);
    replace(place, track, ticks, notes.length > 0 ? el('p', { class: 'hint' }, notes.join(' ')) : []);
  }

  function tickDays(from, to) {
    if (from === to) return [from];
    if (to - from < 6) return [from, to];
    return [from, Math.round((from + to) / 2), to];
  }

  return { sizes, days, timeline };
})();
