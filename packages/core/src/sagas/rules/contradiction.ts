import type { StepProgress } from '../progress.ts';

/**
 * Outcomes that cannot all be true of a step that happens once: it ran twice; it was refused, or not run by its own
 * condition, and yet succeeded. Facts only grow, so a contradiction stays one, whatever order they came in (I4).
 */
export function isContradictory({ successes, rejection, skipped }: StepProgress): boolean {
  if (successes === undefined) return rejection !== undefined && skipped === 'condition';
  return successes.length > 1 || rejection !== undefined || skipped === 'condition';
}

/** Something of it was undone, or surely will be. A saga that goes forward cannot stand on such a step. */
export function isUndoneInPart({ successes, undoings }: StepProgress): boolean {
  if (undoings === undefined) return false;
  return Object.entries(undoings).some(
    ([undoes, { state }]) => state === 'compensated' || successes?.includes(undoes) === true,
  );
}
