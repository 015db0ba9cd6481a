import type { SagaEvent } from '../saga-event.ts';
import { graphRelations } from './graph-relations.ts';
import { oncePerGraph } from './once-per-graph.ts';
import type { SagaGraph } from './saga-graph.ts';

/** Whose events the coordinator has to keep while a saga runs, because it may have to send them to a participant. */
export interface PayloadNeeds {
  /** The start event, also where nothing but an unstamped start makes it needed. */
  readonly start: boolean;
  readonly succeeded: ReadonlySet<string>;
  readonly rejected: ReadonlySet<string>;
}

export const payloadNeeds = oncePerGraph(computeNeeds);

/** Whether what came with this event may have to be sent to a participant later. */
export function keepsPayload(graph: SagaGraph, event: SagaEvent): boolean {
  switch (event.type) {
    case 'saga-started':
      // Nobody was triggered by a start without a stamp: its steps are asked for.
      return payloadNeeds(graph).start || !event.stamped;
    case 'step-succeeded':
      return payloadNeeds(graph).succeeded.has(event.step);
    case 'step-rejected':
      return payloadNeeds(graph).rejected.has(event.step);
    default:
      return false;
  }
}

function computeNeeds(graph: SagaGraph): PayloadNeeds {
  const { requestable } = graphRelations(graph);
  const succeeded = new Set<string>();
  const rejected = new Set<string>();
  let start = false;
  for (const step of graph.steps) {
    if (step.compensates !== undefined) succeeded.add(step.name);
    if (!requestable.has(step.name)) continue;
    for (const { step: upstream, outcome } of step.dependencies) {
      if (upstream === undefined) start = true;
      else (outcome === 'succeeded' ? succeeded : rejected).add(upstream);
    }
  }
  return { start, succeeded, rejected };
}
