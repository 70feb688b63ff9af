'use strict';

/*
 * A list of which only the rows in sight are in the page, and a few above and below. All rows have
 * one height, the style sheet's `--row`, so where each stands is known without measuring it.
 */
class VirtualList {
  static BEYOND = 8;
  static MOST_PRINTED = 500;

  /* `draw(at)` makes the row at a place; the row must hold one link, which takes the focus. */
  constructor(place, draw) {
    this.place = place;
    this.draw = draw;
    this.length = 0;
    this.active = -1;
    this.rows = new Map();
    this.drawing = 0;
    const later = () => { this.drawing ||= requestAnimationFrame(() => this.update()); };
    addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later, { passive: true });
    addEventListener('beforeprint', () => this.show(0, Math.min(this.length, VirtualList.MOST_PRINTED), true));
    addEventListener('afterprint', () => this.update());
    place.addEventListener('focusin', (event) => {
      const row = event.target.closest('.row');
      if (row) this.active = Number(row.dataset.at);
    });
  }

  get rowHeight() {
    const [, number, unit] = /([\d.]+)(rem|px)/.exec(getComputedStyle(this.place).getPropertyValue('--row'));
    return Number(number) * (unit === 'rem' ? parseFloat(getComputedStyle(document.documentElement).fontSize) : 1);
  }

  /* Begins anew with so many rows. */
  reset(length) {
    this.length = length;
    this.active = -1;
    this.rows.clear();
    this.place.replaceChildren();
    this.update();
  }

  update() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const height = this.rowHeight;
    this.place.style.height = this.length > 0 ? `${this.length * height + 1}px` : '';
    if (this.place.offsetParent === null) return;
    const top = this.place.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - VirtualList.BEYOND);
    const end = Math.min(this.length, Math.ceil((innerHeight - top) / height) + VirtualList.BEYOND);
    this.show(first, end, false);
  }

  /* Has the rows from `first` up to `end` in the page, and no others. */
  show(first, end, inPrint) {
    const height = this.rowHeight;
    if (inPrint) this.place.style.height = `${end * height + 1}px`;
    for (const [at, row] of this.rows) {
      if (at < first || at >= end) {
        row.remove();
        this.rows.delete(at);
      }
    }
    for (let at = first; at < end; at += 1) {
      let row = this.rows.get(at);
      if (!row) {
        row = this.draw(at);
        row.dataset.at = at;
        row.setAttribute('aria-setsize', this.length);
        row.setAttribute('aria-posinset', at + 1);
        this.rows.set(at, row);
        this.insert(row, at);
      }
      row.style.top = `${at * height}px`;
    }
  }

  /* In the order of the list, so that Tab goes from row to row. */
  insert(row, at) {
    const after = this.rows.get(at - 1);
    if (after) after.after(row);
    else this.place.prepend(row);
  }

  /* Puts the focus on the row at a place and brings it into sight. */
  focus(at) {
    if (this.length === 0) return;
    const to = Math.max(0, Math.min(this.length - 1, at));
    const [height, top] = [this.rowHeight, this.place.getBoundingClientRect().top];
    const [above, below] = [top + to * height, top + (to + 1) * height];
    if (above < 0) scrollBy({ top: above - height, behavior: 'instant' });
    else if (below > innerHeight) scrollBy({ top: below - innerHeight + height, behavior: 'instant' });
    this.update();
    this.active = to;
    this.rows.get(to)?.querySelector('a').focus({ preventScroll: true });
  }

  step(by) {
    this.focus(this.active < 0 ? 0 : this.active + by);
  }
}
