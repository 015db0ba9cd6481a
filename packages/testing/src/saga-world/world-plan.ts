import type { SagaGraph } from '@troupe/core/internal';
import { graphText } from '../saga-script/graph-text.ts';
import type { Behaviours } from './behaviour.ts';

export interface WorldPlan {
  readonly graph: SagaGraph;
  readonly behaviours: Behaviours;
  /** Decides in which order things happen, what comes twice, when the coordinator crashes. */
  readonly seed: number;
  /** The start event names its saga. */
  readonly stamped: boolean;
  /**
   * Time limits may pass although there is something to deliver, and be heard of late, and nobody's events come in between.
   */
  readonly rough: boolean;
}

/** A plan so that a person can see what it is about; to replay it, take fast-check's seed and path. */
export function worldPlanText({ graph, behaviours, seed, stamped, rough }: WorldPlan): string {
  const steps = graphText(graph).map((text, index) => {
    const behaviour = behaviours.get(graph.steps[index]?.name ?? '');
    return `  ${text}: ${JSON.stringify(behaviour)}`;
  });
  return [`seed ${seed}, ${JSON.stringify({ stamped, rough })}`, ...steps].join('\n');
}
