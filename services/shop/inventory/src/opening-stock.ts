/** What lies on the shelves when the shop opens. A SKU that is not listed is not sold here. */
export const openingStock: ReadonlyMap<string, number> = new Map([
  ['mask-harlequin', 1_000_000],
  ['mask-pantalone', 1_000_000],
  ['greasepaint-set', 1_000_000],
  ['velvet-curtain', 1_000_000],
  ['stage-lantern', 1_000_000],
  ['feather-boa', 1_000_000],
  ['prop-sword', 1_000_000],
  ['prompt-book', 1_000_000],
  ['wig-baroque', 1_000_000],
  ['thunder-sheet', 1_000_000],
  // Two that run short: one is sold out, of the other there are three.
  ['signed-poster', 0],
  ['ghost-light', 3],
]);
