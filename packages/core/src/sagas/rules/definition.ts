import type { SagaRef } from '../graph/saga-graph.ts';
import type { Progress } from '../progress.ts';
import type { ArrivedInput } from '../saga-input.ts';

/**
 * The definition that an input is judged by. A saga that runs stays on its own (rule 13), and so does one of which
 * outcomes came early; but a start begins its saga on the one that it names, whatever came before it.
 */
export function definitionOf(progress: Progress | undefined, input: ArrivedInput): SagaRef {
  return progress === undefined || takesAnotherDefinition(progress, input)
    ? input.saga
    : progress.saga;
}

/** From this input on the saga is one of another definition than that of what came before it. */
export function takesAnotherDefinition(progress: Progress, input: ArrivedInput): boolean {
  const { phase, saga } = progress;
  if (phase !== 'awaited' || saga === input.saga) return false;
  return input.kind === 'started' || isBlank(progress);
}

/** Nothing is known of any of its steps: what came was not of its definition. */
function isBlank({ steps }: Progress): boolean {
  return Object.keys(steps).length === 0;
}
