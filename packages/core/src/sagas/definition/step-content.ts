import type { AnyEventClass } from '../../events/event.ts';

/** How much a step needs a dependency. `usual` is required too, but was not said to be skipped on purpose. */
export type Need = 'usual' | 'required' | 'optional';

/** How often a step is tried, and how long it waits between. What is not given is the service's. */
export interface RetryOptions {
  /** The first attempt counts. */
  readonly attemptsMax?: number | undefined;
  /** The longest wait after the first attempt; it doubles with each further one. */
  readonly firstDelayMs?: number | undefined;
  /** No wait is longer. */
  readonly delayMsMax?: number | undefined;
}

/** A step as it was defined, without its types: what the run time and the definition of a saga read. */
export interface StepContent {
  readonly name: string;
  /** How `execute` gets its input: the event itself, an object by names, or a tuple. */
  readonly shape: 'single' | 'named' | 'tuple';
  readonly dependencies: readonly StepDependency[];
  readonly emits: AnyEventClass;
  readonly rejects: AnyEventClass | undefined;
  readonly compensates: AnyEventClass | undefined;
  /** `compensates: null`: there is nothing to undo, said on purpose. */
  readonly nothingToUndo: boolean;
  readonly pivot: boolean;
  readonly when: ((input: unknown) => boolean) | undefined;
  /** Undefined: the default. */
  readonly timeoutMs: number | undefined;
  /** Only what was given. */
  readonly retry: { readonly [K in keyof RetryOptions]?: number } | undefined;
}

/** An outcome of a step as another step names it in `after`, without its types. */
export interface OutcomeContent {
  readonly outcome: 'succeeded' | 'rejected';
  readonly need: Need;
  readonly '~step': StepContent;
}

export interface StepDependency {
  /** Its name in a named join, its index in a tuple as text, empty where it stands alone. */
  readonly name: string;
  /** Undefined: the start event. */
  readonly step: StepContent | undefined;
  readonly outcome: 'succeeded' | 'rejected';
  readonly need: Need;
  /** The event that satisfies it. */
  readonly eventClass: AnyEventClass;
}
