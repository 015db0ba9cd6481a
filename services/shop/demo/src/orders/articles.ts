export interface Article {
  readonly sku: string;
  readonly unitCents: number;
}

/** Always there. */
export const articles: readonly [Article, ...Article[]] = [
  { sku: 'mask-harlequin', unitCents: 45_90 },
  { sku: 'mask-pantalone', unitCents: 45_90 },
  { sku: 'greasepaint-set', unitCents: 18_50 },
  { sku: 'velvet-curtain', unitCents: 249_00 },
  { sku: 'stage-lantern', unitCents: 32_00 },
  { sku: 'feather-boa', unitCents: 14_95 },
  { sku: 'prop-sword', unitCents: 27_40 },
  { sku: 'prompt-book', unitCents: 9_80 },
  { sku: 'wig-baroque', unitCents: 64_00 },
  { sku: 'thunder-sheet', unitCents: 88_00 },
];

export const soldOut: Article = { sku: 'signed-poster', unitCents: 120_00 };
/** There are three, and whoever orders it orders more. */
export const scarce: Article = { sku: 'ghost-light', unitCents: 75_00 };
/** Nobody in the warehouse has heard of it. */
export const unknown: Article = { sku: 'left-handed-sword', unitCents: 31_00 };
