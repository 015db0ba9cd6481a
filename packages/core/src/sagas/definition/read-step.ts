import type { AnyEventClass } from '../../events/event.ts';
import { isEventClass } from '../../events/make-event-class.ts';
import { describeValue } from '../../events/schema/payload-mismatch.ts';
import {
  definitionLimits,
  nameFaults,
  unknownOptionFaults,
  wholeNumberFaults,
} from './definition-limits.ts';
import { readAfter } from './read-after.ts';
import type { StepContent } from './step-content.ts';

const optionNames = [
  'after',
  'emits',
  'rejects',
  'compensates',
  'when',
  'pivot',
  'timeoutMs',
  'retry',
];
const retryNames = ['attemptsMax', 'firstDelayMs', 'delayMsMax'];

export interface StepReading {
  /** Undefined where too little of it makes sense. */
  readonly content: StepContent | undefined;
  readonly faults: readonly string[];
}

/** A step's options without trust in their types, and everything that is wrong with the step by itself. */
export function readStep(name: string, options: object): StepReading {
  if (!isObject(options)) {
    return {
      content: undefined,
      faults: [`the options have to be an object, got ${describeValue(options)}`],
    };
  }
  const { emits, rejects, compensates, when, pivot = false, timeoutMs, retry } = options;
  const { shape, dependencies, faults: afterFaults } = readAfter(options['after']);
  const faults = [
    ...nameFaults('the', name),
    ...unknownOptionFaults(options, optionNames),
    ...afterFaults,
    ...eventFaults('emits', emits),
    ...(rejects === undefined ? [] : eventFaults('rejects', rejects)),
    ...(compensates === undefined || compensates === null
      ? []
      : eventFaults('compensates', compensates)),
    ...sameEventFaults({ emits, rejects, compensates }),
    ...(when === undefined || typeof when === 'function'
      ? []
      : [`when has to be a function of the inputs, got ${describeValue(when)}`]),
    ...(typeof pivot === 'boolean'
      ? []
      : [`pivot has to be true or false, got ${describeValue(pivot)}`]),
    ...(pivot === true && isEventClass(compensates)
      ? ["a pivot is never undone: leave 'compensates' out, or 'pivot'"]
      : []),
    ...wholeNumberFaults('timeoutMs', timeoutMs, 1, definitionLimits.timeoutMsMax),
    ...retryFaults(retry),
  ];
  if (!isEventClass(emits)) return { content: undefined, faults };
  return {
    faults,
    content: {
      name,
      shape,
      dependencies,
      emits,
      rejects: isEventClass(rejects) ? rejects : undefined,
      compensates: isEventClass(compensates) ? compensates : undefined,
      nothingToUndo: compensates === null,
      pivot: pivot === true,
      // Its input has the shape of `after`, which is what it was typed from.
      when: typeof when === 'function' ? (when as StepContent['when']) : undefined,
      timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : undefined,
      retry: isObject(retry) ? numbersOf(retry) : undefined,
    },
  };
}

function eventFaults(option: string, value: unknown): string[] {
  return isEventClass(value)
    ? []
    : [`${option} has to be an event class, as made by defineEvent, got ${describeValue(value)}`];
}

function sameEventFaults(events: Readonly<Record<string, unknown>>): string[] {
  const optionOf = new Map<string, string>();
  const faults: string[] = [];
  for (const [option, event] of Object.entries(events)) {
    if (!isEventClass(event)) continue;
    const { eventName }: AnyEventClass = event;
    const other = optionOf.get(eventName);
    if (other === undefined) optionOf.set(eventName, option);
    else
      faults.push(`${other} and ${option} are both ${eventName}: an event has to tell them apart`);
  }
  return faults;
}

function retryFaults(retry: unknown): string[] {
  if (retry === undefined) return [];
  if (!isObject(retry)) return [`retry has to be an object, got ${describeValue(retry)}`];
  const { attemptsMax, firstDelayMs, delayMsMax } = retry;
  const { timeoutMsMax } = definitionLimits;
  return [
    ...unknownOptionFaults(retry, retryNames).map((fault) => `retry: ${fault}`),
    ...wholeNumberFaults('retry.attemptsMax', attemptsMax, 1, definitionLimits.attemptsMax),
    ...wholeNumberFaults('retry.firstDelayMs', firstDelayMs, 0, timeoutMsMax),
    ...wholeNumberFaults('retry.delayMsMax', delayMsMax, 0, timeoutMsMax),
  ];
}

function numbersOf(retry: Readonly<Record<string, unknown>>): Record<string, number> {
  const given: Record<string, number> = {};
  for (const name of retryNames) {
    const value = retry[name];
    if (typeof value === 'number') given[name] = value;
  }
  return given;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
