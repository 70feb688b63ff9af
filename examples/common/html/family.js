'use strict';

/* The page of one family. */
const FamilyView = (() => {
  const { byId, el, replace, count, percent, relation, name, date, dates } = Dom;
  const MOST_ROWS = 200;
  const FIRST_ROWS = 12;

  const numbered = (family, id) => family.members.findIndex((member) => member.id === id);

  /* Which two to read when a member is opened: it, beside the one that it most likely comes from. */
  function pair(family, at) {
    const { origin } = family.members[at];
    if (at === 0) return [0, Math.min(1, family.members.length - 1)];
    return [Math.max(0, origin ? numbered(family, origin.from) : 0), at];
  }

  const link = (number, [left, right]) => `#/read/${number}/${left}/${right}`;

  /* ---- Members ---- */

  function member(number, family, at) {
    const article = family.members[at];
    const cell = (kind, name, ...content) => el('td', { class: kind, 'data-name': name }, ...content);
    return el(
      'tr',
      {},
      cell('number', null, String(at + 1)),
      cell('title', null,
        el('a', { href: link(number, pair(family, at)), dir: 'auto' }, name(article)),
        at === 0 ? el('span', { class: 'tag' }, 'representative') : null,
        article.scant ? el('span', { class: 'tag', title: 'One of the two texts has fewer than 20 words, so the score is a guess.' }, 'scant') : null),
      cell('outlet', null, article.source ?? ''),
      cell('date', null, article.date ? date(article.date) : ''),
      cell('relation', null, at === 0 ? '' : relation(article.relation),
        article.compared_with ? el('span', { class: 'tag', title: 'Relation, score and share are those with this member, which it resembles more than the representative.' }, `of ${numbered(family, article.compared_with) + 1}`) : null),
      cell('number', at === 0 ? null : 'score', at === 0 ? '' : article.score.toFixed(2)),
      cell('number', at === 0 ? null : 'inside', at === 0 ? '' : percent(article.containment)),
      cell('number', 'words', article.words.toLocaleString('en')),
    );
  }

  function members(number, family) {
    const heads = [
      ['', ''], ['Title', ''], ['Outlet', ''], ['Date', ''],
      ['Relation', 'What it is to the representative'],
      ['Score', 'The probability that it tells the story of the representative'],
      ['Inside', 'How much of it stands in the representative, counted in three-word phrases'],
      ['Words', ''],
    ];
    const head = el('thead', {}, el('tr', {}, heads.map(([text, title], at) =>
      el('th', { scope: 'col', class: at >= 5 ? 'number' : null, title: title || null }, text))));
    const body = el('tbody');
    const more = byId('members-more');
    const show = (rows) => {
      const end = Math.min(family.members.length, body.childElementCount + rows);
      for (let at = body.childElementCount; at < end; at += 1) body.append(member(number, family, at));
      const left = family.members.length - end;
      replace(more, left > 0 ? el('button', { type: 'button', onclick: () => show(MOST_ROWS) }, `Show more (${left.toLocaleString('en')} left)`) : []);
    };
    replace(byId('members'), head, body);
    show(FIRST_ROWS);
  }

  /* ---- Provenance ---- */

  function provenance(number, family) {
    const shown = family.members.slice(0, MOST_ROWS);
    const parent = (at) => {
      const from = family.members[at].origin?.from;
      const place = from === undefined ? -1 : numbered(family, from);
      return place < shown.length ? place : -1;
    };
    // As they were told, as far as that is known.
    const told = (at) => [family.members[at].origin?.reason === 'first' ? '' : family.members[at].date ?? '~', at];
    const order = shown.map((_, at) => at).sort((a, b) => (told(a)[0] < told(b)[0] ? -1 : told(a)[0] > told(b)[0] ? 1 : a - b));
    const children = new Map();
    for (const at of order) children.set(parent(at), [...(children.get(parent(at)) ?? []), at]);
    const node = (at) => {
      const article = family.members[at];
      const about = [article.source, article.date ? date(article.date) : null].filter(Boolean).join(', ');
      const below = children.get(at) ?? [];
      return el(
        'li',
        {},
        el('a', { href: link(number, pair(family, at)), dir: 'auto' }, name(article)),
        about ? el('span', { class: 'about' }, ` ${about}`) : null,
        article.origin ? el('p', {}, Dom.origin(article.origin)) : null,
        below.length > 0 ? el('ul', {}, below.map(node)) : null,
      );
    };
    byId('provenance-hint').textContent = 'A guess from dates, and from which phrases stand in which.';
    replace(byId('provenance'), el('ul', { class: 'tree' }, (children.get(-1) ?? []).map(node)),
      family.members.length > shown.length ? el('p', { class: 'hint' }, `The first ${MOST_ROWS} of ${family.members.length}.`) : []);
  }

  /* ---- Similarity ---- */

  /* The two measures of two members. The scores lie below the diagonal: of each with those before it. */
  const MEASURES = {
    contained: {
      of: (family, row, column) => family.contained[row][column],
      cell: (value) => String(Math.round(value * 100)),
      tell: (value, one, other) => `${percent(value)} of “${one}” stands in “${other}”, counted in three-word phrases.`,
    },
    scores: {
      of: (family, row, column) => family.scores[Math.max(row, column)][Math.min(row, column)],
      cell: (value) => value.toFixed(2).replace(/^0/, ''),
      tell: (value, one, other) => `${value.toFixed(2)}: “${one}” and “${other}”.`,
    },
  };

  function matrix(number, family) {
    const table = byId('matrix');
    const readout = byId('matrix-readout');
    const measure = MEASURES[byId('matrix-measure').value];
    const size = family.scores.length;
    table.classList.toggle('dense', size > 16);
    const few = size < family.members.length ? ` Of the first ${size} members.` : '';
    byId('matrix-hint').textContent = `Numbers as in the list of members. Enter or a click reads two side by side.${few}`;
    readout.textContent = '';

    const cell = (row, column) => {
      if (row === column) return el('td', { class: 'self', 'aria-label': 'the same article', tabindex: -1 });
      const value = measure.of(family, row, column);
      const element = el('td', { tabindex: -1 }, measure.cell(value));
      element.style.setProperty('--share', value);
      return element;
    };
    const head = (scope, at) => el('th', { scope, title: name(family.members[at]) }, String(at + 1));
    const rows = family.scores.map((_, row) =>
      el('tr', {}, head('row', row), family.scores.map((_, column) => cell(row, column))));
    const heads = el('tr', {}, el('td', { class: 'corner' }), family.scores.map((_, at) => head('col', at)));
    replace(table, el('thead', {}, heads), el('tbody', {}, rows));

    const body = table.tBodies[0];
    const at = (row, column) => body.rows[row]?.cells[column + 1];
    const place = (element) => [element.parentElement.sectionRowIndex, element.cellIndex - 1];
    const tell = (row, column) => {
      const [one, other] = [row, column].map((which) => name(family.members[which]));
      readout.textContent = row === column ? one : measure.tell(measure.of(family, row, column), one, other);
    };
    const open = (row, column) => {
      if (row !== column) location.hash = link(number, [Math.min(row, column), Math.max(row, column)]);
    };
    const move = (row, column) => {
      const to = at(row, column);
      if (!to || column < 0) return;
      body.querySelector('[tabindex="0"]').tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    };
    const onCell = (act) => (event) => {
      const element = event.target.closest('td');
      if (element) act(...place(element), event);
    };
    at(1, 0).tabIndex = 0;
    body.addEventListener('mouseover', onCell(tell));
    body.addEventListener('focusin', onCell(tell));
    body.addEventListener('click', onCell(open));
    body.addEventListener('keydown', onCell((row, column, event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step && event.key !== 'Enter') return;
      event.preventDefault();
      event.stopPropagation();
      if (step) move(row + step[0], column + step[1]);
      else open(row, column);
    }));
    byId('matrix-measure').onchange = () => matrix(number, family);
  }

  /* ---- Closer groups ---- */

  const GROUPS = { copy: 'Copies of one another', retelling: 'Retellings of one another' };

  function nested(number, family) {
    const draw = (group) => el(
      'div',
      { class: `group ${group.level}` },
      el('p', {}, `${GROUPS[group.level]}: ${group.members.length === family.members.length ? 'all' : count(group.members.length, 'article')}`),
      group.members.length === family.members.length ? null : el('ul', {}, group.members.slice(0, MOST_ROWS).map((id) => {
        const at = numbered(family, id);
        return el('li', {}, el('a', { href: link(number, pair(family, at)), dir: 'auto' }, name(family.members[at])));
      })),
      (group.closer ?? []).map(draw),
    );
    const groups = family.closer.map(draw);
    replace(byId('nested'), groups.length > 0 ? groups : el('p', { class: 'hint' }, 'None: no two of these are closer to each other than the family.'));
  }

  /* ---- The page ---- */

  function crumbs(number) {
    const { before, after, at, of } = Overview.neighbours(number);
    const to = (other, text, rel) => (other === undefined ? null : el('a', { href: `#/family/${other}`, rel }, text));
    replace(byId('family-crumbs'), [
      el('a', { href: '#/' }, 'All families'),
      el('span', {}, at < 0 ? '' : `${(at + 1).toLocaleString('en')} of ${of.toLocaleString('en')}`),
      el('span', { class: 'push' }),
      to(before, '← Previous', 'prev'),
      to(after, 'Next →', 'next'),
    ].filter(Boolean));
  }

  async function show(number) {
    const family = await Data.family(number);
    const summary = Data.overview.families[number];
    document.title = `${family.label} – Story families`;
    byId('family-title').textContent = family.label;
    byId('family-facts').textContent = [
      count(family.members.length, 'article'),
      summary.outlets.length > 0 ? count(summary.outlets.length, 'outlet') : null,
      summary.first ? dates(summary.first, summary.last) : 'undated',
    ].filter(Boolean).join(' · ');
    crumbs(number);
    members(number, family);
    provenance(number, family);
    matrix(number, family);
    nested(number, family);
    Charts.timeline(byId('timeline'), family.members, (article) => link(number, pair(family, family.members.indexOf(article))));
    scrollTo({ top: 0, behavior: 'instant' });
  }

  return { show };
})();
