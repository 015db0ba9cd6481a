import type { SagaRef } from '../graph/saga-graph.ts';
import type { Progress } from '../progress.ts';
import type { ArrivedInput } from '../saga-input.ts';

/**
 * The definition that an input is judged by. A saga that runs stays on its own (rule 13). Before that what comes early is
 * kept by the definition that it names: the start says which one counts.
 */
export function definitionOf(progress: Progress | undefined, input: ArrivedInput): SagaRef {
  return progress === undefined || takesAnotherDefinition(progress, input)
    ? input.saga
    : progress.saga;
}

/** It names another definition than what came last, and nothing has begun yet. */
export function takesAnotherDefinition({ phase, saga }: Progress, input: ArrivedInput): boolean {
  return phase === 'awaited' && saga !== input.saga;
}
