import {
  type ArrivedInput,
  decide,
  defaultSagaLimits,
  graphRelations,
  type Progress,
  type SagaGraph,
  type StepProgress,
} from '@troupe/core/internal';

/** What a coordinator makes of recorded inputs, when nobody answers its requests. */
export function foldInputs(
  graph: SagaGraph,
  inputs: readonly ArrivedInput[],
): Progress | undefined {
  return inputs.reduce<Progress | undefined>(
    (progress, input) => decide(graph, progress, input, input.atMs, defaultSagaLimits).progress,
    undefined,
  );
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
