import type { SagaGraph } from '@troupe/core/internal';
import type { WorldPlan } from './saga-world.ts';

/** A plan so that a person can see what it is about; to replay it, take fast-check's seed and path. */
export function worldPlanText({ graph, behaviours, seed, stamped, rough }: WorldPlan): string {
  const steps = graphText(graph).map((text, index) => {
    const behaviour = behaviours.get(graph.steps[index]?.name ?? '');
    return `  ${text}: ${JSON.stringify(behaviour)}`;
  });
  return [`seed ${seed}, ${JSON.stringify({ stamped, rough })}`, ...steps].join('\n');
}

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
