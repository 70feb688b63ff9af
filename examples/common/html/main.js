'use strict';

/* Where the reader is, by the address; and the keys. */
(() => {
  const { byId } = Dom;

  const VIEWS = {
    overview: { element: byId('overview-view'), show: () => Overview.show(), key: Overview.key, leave: Overview.leave, up: null },
    family: { element: byId('family-view'), show: FamilyView.show, up: () => '#/' },
    read: { element: byId('reader-view'), show: Reader.show, key: Reader.key, up: () => Reader.up() },
  };

  let current = null;
  let moves = 0;

  /* `#/family/3` and `#/read/3/0/1`; anything else is the overview. */
  function route() {
    const [, name, ...numbers] = location.hash.split('/');
    const view = VIEWS[name] ?? VIEWS.overview;
    const places = numbers.map(Number);
    const { families } = Data.overview;
    const family = families[places[0]];
    const inFamily = (place) => Number.isInteger(place) && place >= 0 && place < family.size;
    if (view === VIEWS.family && family) return [view, places.slice(0, 1)];
    if (view === VIEWS.read && family && inFamily(places[1]) && inFamily(places[2])) return [view, places.slice(0, 3)];
    return [VIEWS.overview, []];
  }

  async function navigate() {
    const move = ++moves;
    const [view, places] = route();
    if (current === VIEWS.overview && view !== current) Overview.leave();
    if (view !== VIEWS.overview) {
      try {
        await view.show(...places);
      } catch (error) {
        Dom.announce(error.message);
        throw error;
      }
      // Somebody may have gone elsewhere while a chunk was inflated.
      if (move !== moves) return;
    }
    for (const other of Object.values(VIEWS)) other.element.hidden = other !== view;
    const moved = current !== null;
    current = view;
    if (view === VIEWS.overview) Overview.show();
    else if (moved) byId('main').focus({ preventScroll: true });
  }

  /* ---- Keys ---- */

  const help = byId('help');

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const typing = event.target.matches?.('input, select, textarea');
    if (event.key === 'Escape' && typing) return event.target.blur();
    if (typing) {
      if (current === VIEWS.overview && event.key === 'ArrowDown' && event.target.type === 'search') {
        event.preventDefault();
        Overview.key('j');
      }
      return;
    }
    if (event.key === '?') help.showModal();
    else if (event.key === '/' && current === VIEWS.overview) byId('filters').elements.text.focus();
    else if ((event.key === 'u' || event.key === 'Escape') && current.up) location.hash = current.up();
    else if (!current.key?.(event.key, event)) return;
    event.preventDefault();
  }

  async function start() {
    await Data.open();
    Overview.start();
    Reader.start();
    byId('help-button').addEventListener('click', () => help.showModal());
    document.querySelector('.skip').addEventListener('click', (event) => {
      event.preventDefault();
      byId('main').focus();
    });
    addEventListener('hashchange', navigate);
    addEventListener('keydown', key);
    const first = Data.overview.start;
    if (first && location.hash === '') history.replaceState(null, '', first);
    await navigate();
    document.documentElement.dataset.drawn = performance.now().toFixed(0);
  }

  /* A page that cannot be drawn says why. */
  start().catch((error) => {
    byId('main').prepend(Dom.el('p', { class: 'notice', role: 'alert' },
      'DecompressionStream' in window
        ? `This report cannot be drawn: ${error.message}`
        : 'This report needs a browser of the middle of 2023 or later.'));
    throw error;
  });
})();
