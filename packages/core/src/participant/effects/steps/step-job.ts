import { effectId, type StepAction } from '../../../sagas/effect-id.ts';
import { type SagaRef, sagaRef } from '../../../sagas/graph/saga-graph.ts';
import type { OwnStep } from '../../definitions/own-step.ts';
import type { SagaPlan } from '../../definitions/saga-plan.ts';
import type { RecordWork } from '../record-work.ts';

/** One record that asks this service to do, undo or cancel one step. */
export interface StepJob extends RecordWork {
  readonly step: OwnStep;
  readonly sagaName: string;
  readonly saga: SagaRef;
}

export function stepJob(
  { record, headers, trace, tenure }: RecordWork,
  { step, plan }: { readonly step: OwnStep; readonly plan: SagaPlan },
): StepJob {
  const { graph } = plan;
  return { record, headers, step, sagaName: graph.name, saga: sagaRef(graph), trace, tenure };
}

/** The same for whatever record asks for it. */
export function effectOf({ sagaName, headers, step }: StepJob, act: StepAction): string {
  const { correlationId } = headers;
  return effectId({ sagaName, correlationId, step: step.name, ...act });
}
