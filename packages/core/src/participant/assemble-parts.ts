import type { AnyEventClass } from '../events/event.ts';
import { silentLogger } from '../ports/logger.ts';
import { systemRandom } from '../ports/random.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { Producer } from '../ports/transport.ts';
import type { SagaGraph } from '../sagas/graph/saga-graph.ts';
import { currentTracing } from '../tracing/current-tracing.ts';
import { DefinitionsReader } from './definitions/definitions-reader.ts';
import { planSaga } from './definitions/saga-plan.ts';
import { ForgetfulInbox } from './effects/inbox/forgetful-inbox.ts';
import { loggerWith } from './handler-logger.ts';
import { HandlerSlots } from './intake/handler-slots.ts';
import type { ServiceLimits } from './limits.ts';
import { OutcomeSender } from './sending/outcome-sender.ts';
import { Publisher } from './sending/publisher.ts';
import { ServiceHealth } from './service-health.ts';
import type { OwnHandlers, ServiceOptions } from './service-options.ts';
import type { ServiceParts } from './service-parts.ts';
import type { ServiceTopics } from './service-topics.ts';
import type { Tenure } from './waiting/tenure.ts';

/** What follows from a service's options; nothing is open yet. */
export interface ServicePlan {
  readonly name: string;
  readonly options: ServiceOptions;
  readonly limits: ServiceLimits;
  readonly own: OwnHandlers;
  readonly sagas: readonly SagaGraph[];
  readonly topics: ServiceTopics;
}

/** Puts together what the parts of a service work with. */
export function assembleParts(
  plan: ServicePlan,
  producer: Producer,
  prepared: ReadonlySet<AnyEventClass>,
  tenure: Tenure,
): ServiceParts {
  const { name, options, limits, own, sagas } = plan;
  const { serde, checkpoint } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const logger = loggerWith(options.logger ?? silentLogger, { service: name });
  const health = new ServiceHealth(logger, () => clock.nowMs());
  const tracing = currentTracing();
  const inbox = options.inbox ?? new ForgetfulInbox(limits.cancelsRememberedMax);
  if (!inbox.durable) {
    health.begin('effects-not-durable', name, notDurable(options.inbox !== undefined));
  }
  return {
    name,
    clock,
    random,
    logger,
    limits,
    serde,
    inbox,
    hasInbox: options.inbox !== undefined,
    tracing,
    health,
    slots: new HandlerSlots(limits.concurrencyMax, limits.abandonedAttemptsMax),
    sender: new OutcomeSender(producer, { clock, random, limits, health }),
    publisher: new Publisher(
      { name, clock, serde, tracing, producer, sagas, messageBytesMax: limits.messageBytesMax },
      prepared,
      tenure,
    ),
    definitions: new DefinitionsReader(
      (graph) => planSaga(graph, own.steps),
      limits.definitionsMax,
      health,
    ),
    checkpoint,
  };
}

function notDurable(hasInbox: boolean): string {
  const why = hasInbox
    ? 'the inbox does not survive a crash'
    : 'the service has no inbox, so an event that is delivered twice runs its handler twice';
  return `effects are at-least-once: ${why}. Give createService({ inbox }) a durable one for effectively-once effects`;
}
