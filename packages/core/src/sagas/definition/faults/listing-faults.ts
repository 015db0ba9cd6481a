import type { AnyEventClass } from '../../../events/event.ts';
import { schemaOf } from '../../../events/make-event-class.ts';
import { schemaFingerprint } from '../../../events/schema-text.ts';
import { isReserved, reservedPrefix } from '../../graph/saga-names.ts';
import type { StepContent } from '../step-content.ts';

/** What is wrong with the list of steps: names, what is missing from it, and which events they share. */
export function listingFaults(
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): string[] {
  return [
    ...nameFaults(steps),
    ...steps.flatMap((step) => dependencyFaults(step, steps, startsOn)),
    ...emissionFaults(steps, startsOn),
    ...reservedFaults(steps, startsOn),
    ...(startsOn === undefined ? [] : keyFaults(steps, startsOn)),
  ];
}

function nameFaults(steps: readonly StepContent[]): string[] {
  const seen = new Map<string, StepContent>();
  return steps.flatMap((step) => {
    const other = seen.get(step.name);
    seen.set(step.name, step);
    if (other === undefined) return [];
    return other === step
      ? [`step '${step.name}' is listed twice: list it once`]
      : [`two steps are named '${step.name}': give one of them another name`];
  });
}

function dependencyFaults(
  step: StepContent,
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): string[] {
  return step.dependencies.flatMap(({ step: upstream, eventClass }) => {
    if (upstream === undefined) return startFaults(step, eventClass, steps, startsOn);
    return steps.includes(upstream)
      ? []
      : [`step '${step.name}' depends on '${upstream.name}', which is not listed: add it to steps`];
  });
}

function startFaults(
  step: StepContent,
  eventClass: AnyEventClass,
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): string[] {
  if (startsOn === undefined || eventClass === startsOn) return [];
  const { eventName } = eventClass;
  if (eventName === startsOn.eventName) {
    return isSameContract(eventClass, startsOn)
      ? []
      : [
          `step '${step.name}' waits for ${eventName} with another schema than that of startsOn: use one class in both places`,
        ];
  }
  const emitter = steps.find(({ emits }) => emits.eventName === eventName);
  const rejecter = steps.find(({ rejects }) => rejects?.eventName === eventName);
  const instead =
    emitter !== undefined
      ? `wait for the step '${emitter.name}' that emits it`
      : rejecter !== undefined
        ? `wait for the rejection of '${rejecter.name}', as its .rejected`
        : 'wait for the start event or for a step';
  return [
    `step '${step.name}' can never run: it waits for ${eventName}, which does not start the saga; ${instead}`,
  ];
}

/** An event says which step it is the outcome of, so no two steps publish one type. */
function emissionFaults(
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): string[] {
  const publishers = new Map<string, string>();
  if (startsOn !== undefined) publishers.set(startsOn.eventName, 'the start of the saga');
  const faults: string[] = [];
  for (const step of new Set(steps)) {
    for (const option of ['emits', 'rejects', 'compensates'] as const) {
      const eventName = step[option]?.eventName;
      if (eventName === undefined) continue;
      const other = publishers.get(eventName);
      const publisher = `step '${step.name}' (${option})`;
      if (other === undefined) publishers.set(eventName, publisher);
      else {
        faults.push(
          `${eventName} is published by ${other} and by ${publisher}: give each an event of its own, so that it says what happened`,
        );
      }
    }
  }
  return faults;
}

function reservedFaults(
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): string[] {
  return eventsOf(steps, startsOn)
    .filter(({ eventName, topic }) => isReserved(eventName) || isReserved(topic))
    .map(
      ({ eventName, topic }) =>
        `${eventName} on topic ${topic}: names that begin with '${reservedPrefix}' are Troupe's own`,
    );
}

/** The key of every event is the saga id, so what one key cannot hold no other may. */
function keyFaults(steps: readonly StepContent[], startsOn: AnyEventClass): string[] {
  if (keyKind(startsOn) === 'uuid') return [];
  return eventsOf(steps, undefined)
    .filter((eventClass) => keyKind(eventClass) === 'uuid')
    .map(
      ({ eventName, key }) =>
        `the key of ${eventName} is a uuid, but the saga id, which is ${startsOn.key} of ${startsOn.eventName}, may be any text: make both t.uuid(), or ${key} t.string()`,
    );
}

function keyKind(eventClass: AnyEventClass): string | undefined {
  return schemaOf(eventClass)?.fields.find(({ key }) => key)?.type.kind;
}

function eventsOf(
  steps: readonly StepContent[],
  startsOn: AnyEventClass | undefined,
): readonly AnyEventClass[] {
  const all = steps.flatMap(({ emits, rejects, compensates }) => [emits, rejects, compensates]);
  return [...new Set([startsOn, ...all])].filter((eventClass) => eventClass !== undefined);
}

function isSameContract(a: AnyEventClass, b: AnyEventClass): boolean {
  return a.topic === b.topic && schemaFingerprint(a) === schemaFingerprint(b);
}
