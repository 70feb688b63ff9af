'use strict';

/* Elements from data, and data as people write it. Nothing here reads a string as HTML. */
const Dom = (() => {
  const byId = (id) => document.getElementById(id);

  /* An element with attributes, listeners (`onclick`) and children: elements or text. */
  function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? '' : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  const replace = (element, ...children) => element.replaceChildren(...children.flat());

  /* ---- Words ---- */

  const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

  const percent = (share) => `${Math.round(share * 100)} %`;

  const relation = (name) => name.replaceAll('-', ' ');

  /* An article is called by its title, or else by its id. */
  const name = (article) => article.title?.trim() || article.id;

  const REASONS = {
    first: 'told first',
    independent: 'shares no phrases with any earlier one',
    'shares-edits': 'shares phrases that no other earlier one has',
    'contains-most': 'most of it stands in the earlier one',
    'shares-phrases': 'shares more phrases than with any other earlier one',
  };

  /* Why a member stands where it does in the tree, and how sure that is. */
  const origin = ({ reason, certainty }) =>
    (REASONS[reason] ?? relation(reason)) + (certainty > 0 ? `; ${percent(certainty)} sure` : '');

  /* ---- Days ---- */

  const DAY = 86_400_000;
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

  /* The number of a day, from `YYYY-MM-DD`. */
  const day = (date) => Date.parse(date) / DAY;

  const isoDay = (number) => new Date(number * DAY).toISOString().slice(0, 10);

  const date = (text) => format.format(day(text) * DAY);

  const dates = (first, last) => (first === last ? date(first) : format.formatRange(day(first) * DAY, day(last) * DAY));

  /* ---- For people who listen ---- */

  const announce = (text) => { byId('announcer').textContent = text; };

  return { byId, el, replace, count, percent, relation, origin, name, day, isoDay, date, dates, announce };
})();
