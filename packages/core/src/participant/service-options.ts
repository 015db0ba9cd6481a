import { ConfigurationError } from '../errors/error-kinds.ts';
import type { Clock } from '../ports/clock.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Logger } from '../ports/logger.ts';
import type { Random } from '../ports/random.ts';
import type { Serde } from '../ports/serde.ts';
import type { Transport } from '../ports/transport.ts';
import type { Saga } from '../sagas/definition/define-saga.ts';
import type { CheckpointHook } from './checkpoints.ts';
import { type OwnEventHandler, type OwnStep, ownStep } from './definitions/own-step.ts';
import type { EventHandler, StepHandler } from './implement.ts';
import type { ServiceLimits } from './limits.ts';

export interface ServiceOptions {
  /** Names the service: its consumer group, the source of its events, its dead letter topic. */
  readonly name: string;
  /** Stays the caller's: `stop` does not close it. */
  readonly transport: Transport;
  readonly serde: Serde;
  /** From `implement` and `on`. */
  readonly handlers: readonly (StepHandler | EventHandler)[];
  /** Definitions that this service brings to the installation, and that it may start by `publish`. */
  readonly sagas?: readonly Saga[] | undefined;
  /** Started and stopped with the service. Without it effects are at-least-once. */
  readonly inbox?: Inbox | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** For tests that stop the process at each point: see `checkpoints`. */
  readonly checkpoint?: CheckpointHook | undefined;
}

export interface OwnHandlers {
  readonly steps: readonly OwnStep[];
  readonly events: readonly OwnEventHandler[];
}

/** A topic name is made of it. */
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Throws `ConfigurationError` unless the name can be that of a consumer group and a part of topic names. */
export function assertServiceName(name: unknown): void {
  if (typeof name === 'string' && nameForm.test(name)) return;
  throw new ConfigurationError(
    `createService: name ${JSON.stringify(name)} does not do: 1 to 200 letters, digits, '.', '_' and '-', beginning with a letter or digit`,
  );
}

/** What the run time calls. Throws `ConfigurationError` that names every handler that is there twice. */
export function ownHandlers(
  service: string,
  handlers: readonly (StepHandler | EventHandler)[],
): OwnHandlers {
  const steps: OwnStep[] = [];
  const events: OwnEventHandler[] = [];
  const faults: string[] = [];
  for (const handler of handlers) {
    if ('step' in handler) {
      const step = ownStep(handler);
      const twice = steps.some((s) => s.name === step.name && s.signature === step.signature);
      if (twice) faults.push(`step ${step.name} is implemented twice`);
      else steps.push(step);
    } else {
      const { event: eventClass, '~handle': handle } = handler;
      const twice = events.some((one) => one.eventClass.eventName === eventClass.eventName);
      if (twice) faults.push(`event ${eventClass.eventName} has two handlers: call both from one`);
      else events.push({ eventClass, handle });
    }
  }
  if (faults.length === 0) return { steps, events };
  throw new ConfigurationError(`handlers of service ${service}: ${faults.join('; ')}`);
}
