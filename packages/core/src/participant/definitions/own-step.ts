import type { AnyEventClass, Event } from '../../events/event.ts';
import type { StepContent } from '../../sagas/definition/step-content.ts';
import { soleDependency } from '../../sagas/graph/saga-graph.ts';
import { signatureOfStep } from '../../sagas/graph/step-signature.ts';
import type { RetryPolicy } from '../effects/attempts/retry-policy.ts';
import type { EventContext } from '../handler-context.ts';
import type { StepHandler } from '../implement.ts';

/** A step that this service implements, with its handlers, as the run time calls them. */
export interface OwnStep {
  readonly name: string;
  /** What the definition and the handler have to agree on. */
  readonly signature: string;
  readonly shape: StepContent['shape'];
  readonly dependencies: readonly OwnDependency[];
  /** The one of its dependencies that triggers it by itself; undefined: a join, which the coordinator asks for. */
  readonly triggeredBy: OwnDependency | undefined;
  readonly emits: AnyEventClass;
  readonly rejects: AnyEventClass | undefined;
  readonly compensates: AnyEventClass | undefined;
  readonly retry: Partial<RetryPolicy> | undefined;
  readonly when: ((input: unknown) => boolean) | undefined;
  readonly execute: StepHandler['~handler']['execute'];
  readonly compensate: StepHandler['~handler']['compensate'];
}

/** One member of `after`. */
export interface OwnDependency {
  /** Empty where `after` is the dependency itself. */
  readonly name: string;
  readonly eventClass: AnyEventClass;
  readonly required: boolean;
}

/** A plain consumer of this service: `on(EventClass, handler)`. */
export interface OwnEventHandler {
  readonly eventClass: AnyEventClass;
  readonly handle: (event: Event, ctx: EventContext) => Promise<void>;
}

export function ownStep({ '~handler': { content, execute, compensate } }: StepHandler): OwnStep {
  const dependencies = content.dependencies.map(({ name, eventClass, need }) => ({
    name,
    eventClass,
    required: need !== 'optional',
  }));
  return {
    name: content.name,
    signature: signatureOfStep(content),
    shape: content.shape,
    dependencies,
    triggeredBy: soleDependency(dependencies),
    emits: content.emits,
    rejects: content.rejects,
    compensates: content.compensates,
    retry: content.retry,
    when: content.when,
    execute,
    compensate,
  };
}
