import type { Clock } from '../ports/clock.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Logger } from '../ports/logger.ts';
import type { Random } from '../ports/random.ts';
import type { Serde } from '../ports/serde.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { CheckpointHook } from './checkpoints.ts';
import type { DefinitionsReader } from './definitions/definitions-reader.ts';
import type { HandlerSlots } from './intake/handler-slots.ts';
import type { ServiceLimits } from './limits.ts';
import type { OutcomeSender } from './sending/outcome-sender.ts';
import type { Publisher } from './sending/publisher.ts';
import type { ServiceHealth } from './service-health.ts';

/** What every part of a running service works with. Made once, at start. */
export interface ServiceParts {
  /** The service's name, its consumer group, and the `ce_source` of what it sends. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: ServiceLimits;
  readonly serde: Serde;
  /** The service's own, or one that remembers nothing but cancelled steps. */
  readonly inbox: Inbox;
  /** False: there is no inbox of the service's own, so handlers have no local transaction. */
  readonly hasInbox: boolean;
  readonly tracing: Tracing;
  readonly health: ServiceHealth;
  readonly slots: HandlerSlots;
  readonly sender: OutcomeSender;
  readonly publisher: Publisher;
  readonly definitions: DefinitionsReader;
  readonly checkpoint: CheckpointHook | undefined;
}
