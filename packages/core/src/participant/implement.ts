import { DefinitionError } from '../errors/error-kinds.ts';
import type { TroupeTypeError } from '../errors/type-error.ts';
import type { AnyEventClass, Event } from '../events/define-event.ts';
import { isEventClass } from '../events/make-event-class.ts';
import { describeValue } from '../events/schema/payload-mismatch.ts';
import type { AnyStep, Step } from '../sagas/definition/define-step.ts';
import type { StepContent } from '../sagas/definition/step-content.ts';
import type { EventContext, StepContext } from './handler-context.ts';

/** What is known of a step that has to be undone. */
export interface Done<out Input, out Output> {
  readonly input: Input;
  /** Undefined when the step is in doubt: it timed out or failed, and may or may not have happened. */
  readonly output: Output | undefined;
}
export interface Execute<in Input, out Outcome> {
  /** Does the work in one local transaction and returns the event that says what happened. */
  execute(input: Input, ctx: StepContext): Promise<Outcome>;
}
export interface Compensate<in Input, in Output, out Undone> {
  /** Undoes it, for good: also when `output` is undefined, also when called twice. */
  compensate(done: Done<Input, Output>, ctx: StepContext): Promise<Undone>;
}

/** A step with the code that runs it, for `createService` and `runInMemory`. */
export interface StepHandler<out S extends AnyStep = AnyStep> {
  readonly step: S;
  /** What the run time calls: the same functions without their types. */
  readonly '~handler': {
    readonly content: StepContent;
    readonly execute: (input: unknown, ctx: StepContext) => Promise<Event>;
    readonly compensate:
      | ((done: Done<unknown, Event>, ctx: StepContext) => Promise<Event>)
      | undefined;
  };
}

/**
 * The code of a step. `compensate` is there exactly if the step names a `compensates` event. Throws `DefinitionError`.
 *
 * @example
 * const inventory = implement(reserveStock, {
 *   execute: async (order) => new StockReserved({ orderId: order.orderId, shelf: 'A7' }),
 *   compensate: async ({ input }) => new StockReleased({ orderId: input.orderId }) })
 */
export function implement<
  Name extends string,
  Input,
  Emits extends AnyEventClass,
  Rejects extends AnyEventClass,
  Compensates extends AnyEventClass,
>(
  step: Step<Name, Input, Emits, Rejects, Compensates>,
  handlers: Execute<Input, InstanceType<Emits> | InstanceType<Rejects>> &
    CompensateIfDeclared<Name, Input, Emits, Compensates>,
): StepHandler & typeof handlers {
  const faults = handlerFaults(step, handlers);
  if (faults.length > 0) throw new DefinitionError(`handler of ${stepName(step)}`, faults);
  // Checked just above; their types were those of the step, which the run time reads from its content.
  const given = handlers as unknown as StepHandler['~handler'];
  const execute = given.execute.bind(handlers);
  const compensate = given.compensate?.bind(handlers);
  const handler = {
    step,
    execute,
    ...(compensate && { compensate }),
    '~handler': { content: step['~step'], execute, compensate },
  };
  return handler as unknown as StepHandler & typeof handlers;
}

type CompensateIfDeclared<
  Name extends string,
  Input,
  Emits extends AnyEventClass,
  Compensates extends AnyEventClass,
> = [Compensates] extends [never]
  ? {
      readonly compensate?: TroupeTypeError<`step '${Name}' has no 'compensates' event: name one there, or remove this`>;
    }
  : Compensate<Input, InstanceType<Emits>, InstanceType<Compensates>>;

function handlerFaults(step: unknown, handlers: unknown): string[] {
  if (!isObject(step) || !isObject(step['~step'])) {
    return [`implement takes a step, as made by defineStep, got ${describeValue(step)}`];
  }
  if (!isObject(handlers))
    return [`the handlers have to be an object, got ${describeValue(handlers)}`];
  const { execute, compensate } = handlers;
  const { compensates } = step['~step'];
  const faults: string[] = [];
  if (typeof execute !== 'function') {
    faults.push(`execute has to be a function, got ${describeValue(execute)}`);
  }
  if (compensates !== undefined && typeof compensate !== 'function') {
    faults.push(
      `the step names a 'compensates' event, so compensate has to be a function, got ${describeValue(compensate)}`,
    );
  }
  if (compensates === undefined && compensate !== undefined) {
    faults.push("the step has no 'compensates' event: name one there, or remove compensate");
  }
  return faults;
}

function stepName(step: unknown): string {
  return isObject(step) && typeof step['name'] === 'string' ? `step ${step['name']}` : 'a step';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A plain consumer, for `createService`. */
export interface EventHandler {
  readonly event: AnyEventClass;
  readonly '~handle': (event: Event, ctx: EventContext) => Promise<void>;
}

/**
 * A plain consumer, outside any saga, with the same retries, inbox and dead letters. Throws `DefinitionError`.
 *
 * @example
 * on(OrderShipped, async (order, ctx) => { await mail.send(order.orderId, ctx.signal) })
 */
export function on<E extends AnyEventClass>(
  event: E,
  handler: (event: InstanceType<E>, ctx: EventContext) => Promise<void>,
): EventHandler {
  const faults = [
    ...(isEventClass(event) ? [] : [`on takes an event class, got ${describeValue(event)}`]),
    ...(typeof handler === 'function'
      ? []
      : [`on takes a function, got ${describeValue(handler)}`]),
  ];
  if (faults.length > 0) throw new DefinitionError('an event handler', faults);
  // The run time hands over events of this very class.
  return { event, '~handle': handler as EventHandler['~handle'] };
}
