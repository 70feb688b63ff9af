'use strict';

/* Which sentences of two articles belong together. Ranges are in UTF-16 units, as in the document. */
const Alignment = (() => {
  const flipped = (alignment) => ({
    pairs: alignment.pairs.map((pair) => ({
      ...pair,
      left: pair.right,
      right: pair.left,
      shared: pair.shared.map(([a, b, c, d]) => [c, d, a, b]),
      differences: pair.differences.map(({ kind, left, right }) => ({ kind, left: right, right: left })),
    })),
    only_left: alignment.only_right,
    only_right: alignment.only_left,
  });

  /* As it stands in the document, whichever of the two is on the left there. */
  function written(family, left, right) {
    const [one, other] = [family.members[left].id, family.members[right].id];
    for (const alignment of family.alignments) {
      if (alignment.left === one && alignment.right === other) return alignment;
      if (alignment.left === other && alignment.right === one) return flipped(alignment);
    }
    return null;
  }

  /*
   * Two that were not aligned with each other, by way of the representative, with which both were:
   * sentences belong together where both belong to the same sentence of it. What only these two
   * share is not found so, and nothing is said of what only one of them has.
   */
  function composed(family, left, right) {
    const [one, other] = [written(family, left, 0), written(family, right, 0)];
    if (!one || !other) return null;
    const pairs = [];
    for (const a of one.pairs) {
      for (const b of other.pairs) {
        const meet = a.right[0] < b.right[1] && b.right[0] < a.right[1];
        if (meet) pairs.push({ kind: 'linked', left: a.left, right: b.left, shared: [], differences: [] });
      }
    }
    return { pairs, only_left: [], only_right: [], composed: true };
  }

  const of = (family, left, right) => written(family, left, right) ?? composed(family, left, right);

  return { of };
})();
