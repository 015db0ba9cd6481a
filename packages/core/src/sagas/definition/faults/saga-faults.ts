import { isEventClass } from '../../../events/make-event-class.ts';
import { describeValue } from '../../../events/schema/payload-mismatch.ts';
import { stepsMax } from '../../graph/parse-graph.ts';
import {
  definitionLimits,
  nameFaults,
  unknownOptionFaults,
  wholeNumberFaults,
} from '../definition-limits.ts';
import type { StepContent } from '../step-content.ts';
import { joinFaults } from './join-faults.ts';
import { listingFaults } from './listing-faults.ts';
import { pivotFaults } from './pivot-faults.ts';
import { StepRelations } from './step-relations.ts';

const optionNames = ['version', 'startsOn', 'steps', 'timeoutMs'];

/** Everything that is wrong with a saga, each as a sentence that names the step, the fault and the way out. */
export function sagaFaults(name: unknown, options: unknown): readonly string[] {
  if (!isObject(options))
    return [`the options have to be an object, got ${describeValue(options)}`];
  const { version, startsOn, steps, timeoutMs } = options;
  const contents = Array.isArray(steps) ? steps.flatMap(contentOf) : [];
  const relations = new StepRelations(contents);
  return [
    ...nameFaults('the', name),
    ...unknownOptionFaults(options, optionNames),
    ...wholeNumberFaults('version', version ?? Number.NaN, 1, definitionLimits.versionMax),
    ...wholeNumberFaults('timeoutMs', timeoutMs, 1, definitionLimits.timeoutMsMax),
    ...(isEventClass(startsOn)
      ? []
      : [
          `startsOn has to be an event class, as made by defineEvent, got ${describeValue(startsOn)}`,
        ]),
    ...stepListFaults(steps),
    ...timeFaults(contents, timeoutMs),
    ...listingFaults(contents, isEventClass(startsOn) ? startsOn : undefined),
    ...joinFaults(relations),
    ...pivotFaults(relations),
  ];
}

function contentOf(step: unknown): StepContent[] {
  return isStep(step) ? [step['~step']] : [];
}

function stepListFaults(steps: unknown): string[] {
  if (!Array.isArray(steps) || steps.length === 0) return ['it has no steps: list them in steps'];
  if (steps.length > stepsMax) return [`it has ${steps.length} steps, more than ${stepsMax}`];
  return steps.flatMap((step: unknown, index) =>
    isStep(step)
      ? []
      : [`steps[${index}] has to be a step, as made by defineStep, got ${describeValue(step)}`],
  );
}

function timeFaults(steps: readonly StepContent[], sagaTimeoutMs: unknown): string[] {
  if (typeof sagaTimeoutMs !== 'number') return [];
  return steps
    .filter(({ timeoutMs = 0 }) => timeoutMs > sagaTimeoutMs)
    .map(
      ({ name, timeoutMs }) =>
        `step '${name}' may take longer (timeoutMs ${timeoutMs}) than the whole saga (${sagaTimeoutMs})`,
    );
}

/** A step itself, not one of its outcomes such as `step.rejected`. */
function isStep(value: unknown): value is { readonly '~step': StepContent } {
  return isObject(value) && '~step' in value && 'rejected' in value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
