import {
  type ArrivedInput,
  decide,
  defaultSagaLimits,
  definitionOf,
  graphRelations,
  type Progress,
  type SagaGraph,
  type StepProgress,
  sagaRef,
} from '@troupe/core/internal';
import { otherVersion } from './other-version.ts';

/**
 * The same, said by others: of another version of the saga, a moment later; and by whoever refuses again under another id,
 * with a clock that is behind.
 */
export function saidByOthers(graph: SagaGraph, inputs: readonly ArrivedInput[]): ArrivedInput[] {
  const saga = sagaRef(otherVersion(graph));
  return inputs.flatMap((input): ArrivedInput[] => {
    const { kind, eventId, atMs } = input;
    if (kind === 'started') return [];
    const ofAnother = { ...input, saga, eventId: `${eventId} of another`, atMs: atMs + 1 };
    if (kind !== 'rejected') return [ofAnother];
    return [ofAnother, { ...input, eventId: `again ${eventId}`, atMs: atMs - 1 }];
  });
}

/** What a coordinator makes of recorded inputs, when nobody answers its requests. */
export function foldInputs(
  graph: SagaGraph,
  inputs: readonly ArrivedInput[],
): Progress | undefined {
  const other = otherVersion(graph);
  return inputs.reduce<Progress | undefined>((progress, input) => {
    const judge = definitionOf(progress, input) === sagaRef(other) ? other : graph;
    return decide(judge, progress, input, input.atMs, defaultSagaLimits).progress;
  }, undefined);
}

/** What must not depend on the order in which inputs came (I4): all but what the coordinator asked for meanwhile. */
export function essence(graph: SagaGraph, progress: Progress | undefined): object | undefined {
  if (progress === undefined) return undefined;
  const { saga, phase, startEventId, deadlineMs, steps } = progress;
  const pivot = graphRelations(graph).pivot?.name;
  // Only a pivot's success outweighs doom, and it does so whichever came first.
  const isSaved = pivot !== undefined && steps[pivot]?.successes !== undefined;
  const facts = graph.steps.map(({ name }) => [name, essenceOfStep(steps[name] ?? {})]);
  const isDoomed = progress.doom !== undefined && !isSaved;
  return { saga, phase, startEventId, deadlineMs, isDoomed, facts };
}

function essenceOfStep(step: StepProgress): object {
  const { successes, rejection, skipped, failure, resolvedAtMs, undoings = {} } = step;
  const undone = Object.entries(undoings).flatMap(([undoes, { state }]) =>
    state === 'requested' ? [] : [`${undoes} ${state}`],
  );
  const { eventIds, inDoubt } = failure ?? {};
  return { successes, rejection, skipped, eventIds, inDoubt, resolvedAtMs, undone: undone.sort() };
}
