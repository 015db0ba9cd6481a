import { graphText } from '../saga-script/graph-text.ts';
import type { WorldPlan } from './saga-world.ts';

/** A plan so that a person can see what it is about; to replay it, take fast-check's seed and path. */
export function worldPlanText({ graph, behaviours, seed, stamped, rough }: WorldPlan): string {
  const steps = graphText(graph).map((text, index) => {
    const behaviour = behaviours.get(graph.steps[index]?.name ?? '');
    return `  ${text}: ${JSON.stringify(behaviour)}`;
  });
  return [`seed ${seed}, ${JSON.stringify({ stamped, rough })}`, ...steps].join('\n');
}
