import type { SagaGraph } from '@troupe/core/internal';

/** Each step of a graph in few words: `c after a, b.rejected? (compensates)`. */
export function graphText(graph: SagaGraph): string[] {
  return graph.steps.map(({ name, dependencies, rejects, compensates, pivot, conditional }) => {
    const after = dependencies.map(({ step = 'start', outcome, required }) => {
      return `${step}${outcome === 'rejected' ? '.rejected' : ''}${required ? '' : '?'}`;
    });
    const traits = { rejects, compensates, pivot, conditional };
    const has = Object.entries(traits).flatMap(([trait, is]) => (is ? [trait] : []));
    return `${name} after ${after.join(', ')} (${has.join(', ')})`;
  });
}
