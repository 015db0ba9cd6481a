import { DefinitionError } from '../../errors/error-kinds.ts';
import type { StepNode } from './saga-graph.ts';

/**
 * Steps so that each comes after everything it depends on, otherwise in the order given. Throws when they depend on each
 * other in a circle, which steps as values cannot.
 */
export function topologicalOrder(steps: readonly StepNode[]): StepNode[] {
  const ordered: StepNode[] = [];
  let waiting = [...steps];
  while (waiting.length > 0) {
    const unplaced = new Set(waiting.map(({ name }) => name));
    const next = waiting.find(({ dependencies }) =>
      dependencies.every(({ step }) => step === undefined || !unplaced.has(step)),
    );
    if (next === undefined) {
      throw new DefinitionError('saga', [
        `steps depend on each other in a circle: ${[...unplaced].join(', ')}`,
      ]);
    }
    ordered.push(next);
    waiting = waiting.filter((step) => step !== next);
  }
  return ordered;
}
