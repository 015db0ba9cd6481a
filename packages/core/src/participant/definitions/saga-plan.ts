import {
  eventOfDependency,
  type SagaGraph,
  type StepNode,
  soleDependency,
} from '../../sagas/graph/saga-graph.ts';
import { stepSignature } from '../../sagas/graph/step-signature.ts';
import type { OwnStep } from './own-step.ts';

/** What one saga definition means to this service; computed once for each. */
export interface SagaPlan {
  readonly graph: SagaGraph;
  /** By step name. A step that is not there is another service's. */
  readonly ownSteps: ReadonlyMap<string, PlannedStep>;
  /** By event type: own steps that this event alone triggers. */
  readonly triggeredBy: ReadonlyMap<string, readonly PlannedStep[]>;
}

export type PlannedStep =
  | { readonly kind: 'runnable'; readonly step: OwnStep }
  /** It is ours, but this version of the service implements another contract of it. */
  | { readonly kind: 'mismatch'; readonly step: OwnStep; readonly message: string };

/**
 * A step is ours when we implement one of its name that emits the same event type; it is run when the signatures agree
 * too, whatever the saga's version is.
 */
export function planSaga(graph: SagaGraph, own: readonly OwnStep[]): SagaPlan {
  const ownSteps = new Map<string, PlannedStep>();
  const triggeredBy = new Map<string, PlannedStep[]>();
  for (const node of graph.steps) {
    const planned = planStep(graph, node, own);
    if (planned === undefined) continue;
    ownSteps.set(node.name, planned);
    const type = triggerOf(graph, node);
    if (type !== undefined) triggeredBy.set(type, [...(triggeredBy.get(type) ?? []), planned]);
  }
  return { graph, ownSteps, triggeredBy };
}

function planStep(
  graph: SagaGraph,
  node: StepNode,
  own: readonly OwnStep[],
): PlannedStep | undefined {
  const { name, emits } = node;
  const candidates = own.filter((s) => s.name === name && s.emits.eventName === emits.type);
  const [ours] = candidates;
  if (ours === undefined) return undefined;
  const signature = stepSignature(graph, node);
  const step = candidates.find((candidate) => candidate.signature === signature);
  return step !== undefined
    ? { kind: 'runnable', step }
    : {
        kind: 'mismatch',
        step: ours,
        message: `saga ${graph.name}@${graph.version} has step ${name} with other dependencies, events or schemas than this service implements: deploy the service with the contracts of that version`,
      };
}

/** The event type that triggers a step by itself. */
function triggerOf(graph: SagaGraph, { dependencies }: StepNode): string | undefined {
  const only = soleDependency(dependencies);
  return only && eventOfDependency(graph, only)?.type;
}
