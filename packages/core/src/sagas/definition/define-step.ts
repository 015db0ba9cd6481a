import { DefinitionError } from '../../errors/error-kinds.ts';
import type { TroupeTypeError } from '../../errors/type-error.ts';
import type { AnyEventClass } from '../../events/define-event.ts';
import { readStep } from './read-step.ts';
import type { Need, OutcomeContent, RetryOptions } from './step-content.ts';

/** An outcome of a step that another step can wait for. */
export interface Outcome<out Data = unknown> extends OutcomeContent {
  // In an object: as `'~data'?: Data` the undefined of an optional is lost without exactOptionalPropertyTypes.
  readonly '~types'?: { readonly data: Data };
}
/** A dependency that has to come about, or the step that waits for it is skipped. */
export interface Definite<out Data = unknown> extends Outcome<Data> {
  readonly need: 'usual' | 'required';
}
/** A dependency that may come about: its data is undefined when it did not. */
export interface Optional<out Data = unknown> extends Outcome<Data | undefined> {
  readonly need: 'optional';
}
/** The refusal of a step, as a dependency: whoever waits for it handles it. */
export interface Rejection<out Data = unknown> extends Definite<Data> {
  readonly outcome: 'rejected';
  /** In a join: go on without it when the step was not refused; its data is then undefined. */
  readonly optional: Optional<Data>;
  /** In a join: be skipped, on purpose, when the step was not refused. */
  readonly required: Definite<Data>;
}

/** One local transaction of one service: a value that other steps, sagas and handlers refer to. */
export interface Step<
  out Name extends string,
  out Input,
  out Emits extends AnyEventClass,
  out Rejects extends AnyEventClass,
  out Compensates extends AnyEventClass,
> extends Definite<InstanceType<Emits>> {
  readonly outcome: 'succeeded';
  readonly name: Name;
  readonly emits: Emits;
  readonly '~handler'?: {
    readonly input: Input;
    readonly rejects: Rejects;
    readonly compensates: Compensates;
  };
  /** The refusal of this step, as a dependency. */
  readonly rejected: [Rejects] extends [never]
    ? TroupeTypeError<`step '${Name}' has no 'rejects' event, so nothing can wait for its refusal`>
    : Rejection<InstanceType<Rejects>>;
  /** In a join: go on without this step when it was skipped or refused; its data is then undefined. */
  readonly optional: Optional<InstanceType<Emits>>;
  /** In a join: be skipped, on purpose, when this step was skipped or refused. */
  readonly required: Definite<InstanceType<Emits>>;
}
export type AnyStep = Step<string, unknown, AnyEventClass, AnyEventClass, AnyEventClass>;

type Single = AnyEventClass | Definite;
type Member = Single | Optional;
/** One dependency, or several: a named object or a tuple of them is a join. */
export type After = Single | { readonly [name: string]: Member } | readonly [Member, ...Member[]];

type DataOf<M> =
  M extends Outcome<infer Data> ? Data : M extends AnyEventClass ? InstanceType<M> : never;

/** What `execute` is given: the event itself, or an object or a tuple of events. */
export type InputOf<A extends After> = A extends Single
  ? DataOf<A>
  : { readonly [K in keyof A]: DataOf<A[K]> } & {};

export interface StepOptions<
  A extends After,
  Emits extends AnyEventClass,
  Rejects extends AnyEventClass,
  Compensates extends AnyEventClass | null,
> {
  /** The start event, a step, `step.rejected`, or several of them (a join). */
  readonly after: A;
  /** Published when `execute` succeeds. */
  readonly emits: Emits;
  /** Published when `execute` refuses, for a reason of business. */
  readonly rejects?: Rejects | undefined;
  /** Published when the step is undone. Null says that there is nothing to undo. */
  readonly compensates?: Compensates | undefined;
  /** False: the step is skipped. Runs in the participant. */
  readonly when?: ((input: InputOf<NoInfer<A>>) => boolean) | undefined;
  /** The point of no return: nothing before it is undone once it succeeds. */
  readonly pivot?: boolean | undefined;
  /** From when its trigger was written to when its outcome is. Default: 5 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Default: the service's. */
  readonly retry?: RetryOptions | undefined;
}

/**
 * A step. Throws `DefinitionError` with every fault.
 *
 * @example
 * const reserveStock = defineStep('reserve-stock', {
 *   after: OrderPlaced, emits: StockReserved, rejects: StockRejected, compensates: StockReleased })
 */
export function defineStep<
  const Name extends string,
  const A extends After,
  Emits extends AnyEventClass,
  Rejects extends AnyEventClass = never,
  Compensates extends AnyEventClass | null = never,
>(
  name: Name,
  options: StepOptions<A, Emits, Rejects, Compensates>,
): Step<Name, InputOf<A>, Emits, Rejects, NonNullable<Compensates>> {
  const { content, faults } = readStep(name, options);
  if (content === undefined || faults.length > 0) {
    throw new DefinitionError(`step ${String(name)}`, faults);
  }
  const on = (outcome: Outcome['outcome'], need: Need) => ({ outcome, need, '~step': content });
  const rejected = {
    ...on('rejected', 'usual'),
    optional: on('rejected', 'optional'),
    required: on('rejected', 'required'),
  };
  const step = {
    name,
    emits: options.emits,
    ...on('succeeded', 'usual'),
    // Also where nothing rejects: whoever waits for it all the same is told so by name.
    rejected,
    optional: on('succeeded', 'optional'),
    required: on('succeeded', 'required'),
  };
  // Its types were taken from the options; the run time reads its content.
  return step as unknown as Step<Name, InputOf<A>, Emits, Rejects, NonNullable<Compensates>>;
}
