import { PoisonMessageError } from '../../../errors/error-kinds.ts';
import { type AnyEventClass, type Event, eventClassOf, eventKeyOf } from '../../../events/event.ts';
import type { OwnDependency, OwnStep } from '../../definitions/own-step.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { payloadOf } from '../record-work.ts';
import type { StepJob } from './step-job.ts';

/** One input as it is on the wire: of a request, or the record itself. */
export interface FramedInput {
  /** The member's name in `after`; empty where a step has one dependency. */
  readonly dependency: string;
  readonly framed: Uint8Array;
}

/** The input of a step whose only dependency is the record itself. A promise only where its schema is not known yet. */
export function inputOfTrigger(parts: ServiceParts, job: StepJob): unknown {
  const { step } = job;
  const { triggeredBy } = step;
  if (triggeredBy === undefined) {
    throw new TypeError(`step ${step.name} is not triggered by one event`);
  }
  const event = decodeEvent(parts, job, payloadOf(job), triggeredBy.eventClass);
  if (step.shape === 'single') return event;
  const shape = (only: Event): unknown => shapeInput(step, new Map([[triggeredBy.name, only]]));
  return event instanceof Promise ? event.then(shape) : shape(event);
}

/**
 * Decodes the inputs and makes of them what the handler is typed for. Rejects with `PoisonMessageError` when one
 * cannot be decoded, is missing though it is required, or belongs to another saga.
 */
export async function decodeInput(
  parts: ServiceParts,
  job: StepJob,
  inputs: readonly FramedInput[],
): Promise<unknown> {
  const events = new Map<string, Event>();
  for (const dependency of job.step.dependencies) {
    const input = inputs.find((one) => one.dependency === dependency.name);
    if (input === undefined) continue;
    events.set(dependency.name, await decodeEvent(parts, job, input.framed, dependency.eventClass));
  }
  return shapeInput(job.step, events);
}

/** Decodes one event of the job's saga. A promise only where its schema is not known yet. */
export function decodeEvent(
  parts: ServiceParts,
  job: StepJob,
  framed: Uint8Array,
  eventClass: AnyEventClass,
): Event | Promise<Event> {
  const decoded = parts.serde.decode(framed, eventClass);
  return decoded instanceof Promise
    ? decoded.then((event) => ofItsSaga(event, job))
    : ofItsSaga(decoded, job);
}

function ofItsSaga(event: Event, { headers: { correlationId } }: StepJob): Event {
  const key = eventKeyOf(event);
  if (key === correlationId) return event;
  throw new PoisonMessageError(
    `${eventClassOf(event).eventName} says that its saga is ${JSON.stringify(key)}, its record's key says ${JSON.stringify(correlationId)}`,
  );
}

/** Puts the events together as `after` was written. Pure. A missing optional one is undefined. */
export function shapeInput(
  { name, shape, dependencies }: Pick<OwnStep, 'name' | 'shape' | 'dependencies'>,
  events: ReadonlyMap<string, Event>,
): unknown {
  const missing = dependencies.filter((one) => one.required && !events.has(one.name));
  if (missing.length > 0) {
    throw new PoisonMessageError(`step ${name} was asked for without ${listOf(missing)}`);
  }
  const inOrder = dependencies.map((one) => [one.name, events.get(one.name)] as const);
  if (shape === 'single') return inOrder[0]?.[1];
  return shape === 'tuple' ? inOrder.map(([, event]) => event) : Object.fromEntries(inOrder);
}

function listOf(dependencies: readonly OwnDependency[]): string {
  return dependencies
    .map(({ name, eventClass }) =>
      name === '' ? eventClass.eventName : `${name} (${eventClass.eventName})`,
    )
    .join(', ');
}
