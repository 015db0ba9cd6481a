import { type Coordinator, type CoordinatorOptions, createCoordinator } from '@troupe/coordinator';
import {
  createService,
  type Event,
  eventClassesOf,
  eventKeyOf,
  type Logger,
  type Saga,
  type Service,
  type StepHandler,
  systemClock,
  topicsOf,
} from '@troupe/core';
import { createMemoryInbox, createMemoryLog, createMemoryTransport } from '@troupe/core/memory';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import type { SagaStory } from './saga-story.ts';
import { StoryTeller } from './story-teller.ts';

export interface RunInMemoryOptions {
  readonly sagas: readonly Saga[];
  /** One for each step of the sagas that is to run. */
  readonly handlers: readonly StepHandler[];
  readonly logger?: Logger | undefined;
  readonly limits?: CoordinatorOptions['limits'];
}

export interface InMemoryTroupe {
  /**
   * Publishes a start event and resolves with what happened, when its saga has ended or is stuck. Several may run at
   * a time. The first call starts everything.
   */
  run(start: Event): Promise<SagaStory>;
  /** Idempotent. Not needed at the end of a script: nothing here keeps the process alive. */
  stop(): Promise<void>;
}

const partitions = 4;
const serviceName = 'in-memory';
const coordinatorName = 'troupe-coordinator';
/** Longer than any test, shorter than what a timer can count. */
const awakeMs = 2 ** 30;

/**
 * Runs sagas in this process, with all there is in production but the broker: Avro, the participant's run time, a
 * coordinator, a partitioned log, an inbox. For first steps and for tests of handlers.
 *
 * @example
 * const shop = runInMemory({ sagas: [placeOrder], handlers: [inventory, payment] });
 * const story = await shop.run(new OrderPlaced({ orderId: '2', cents: 250_000 }));
 */
export function runInMemory(options: RunInMemoryOptions): InMemoryTroupe {
  let running: Promise<Running> | undefined;
  return {
    async run(start) {
      running ??= startAll(options);
      const { service, stories } = await running;
      // What waits here waits on timers that let a process end; this one does not.
      const told = new AbortController();
      const awake = systemClock.sleep(awakeMs, told.signal).catch(() => undefined);
      try {
        const story = stories.listen(eventKeyOf(start));
        await service.publish(start);
        return await story;
      } finally {
        told.abort();
        await awake;
      }
    },
    async stop() {
      await (await running)?.stop();
    },
  };
}

interface Running {
  readonly service: Service;
  readonly stories: StoryTeller;
  stop(): Promise<void>;
}

async function startAll({ sagas, handlers, logger, limits }: RunInMemoryOptions): Promise<Running> {
  const log = createMemoryLog();
  const registry = createInProcessRegistry();
  const serde = createAvroSerde({ registry });
  const ofService = createMemoryTransport({ log });
  const ofCoordinator = createMemoryTransport({ log });
  const ofStories = createMemoryTransport({ log });
  await ofService.topics.create(topicsOf(sagas, [serviceName, coordinatorName], { partitions }));
  const service = createService({
    name: serviceName,
    transport: ofService,
    serde,
    handlers,
    sagas,
    inbox: createMemoryInbox(),
    logger,
  });
  const coordinator: Coordinator = createCoordinator({
    transport: ofCoordinator,
    serde,
    groupId: coordinatorName,
    logger,
    limits,
  });
  const stories = new StoryTeller(serde, sagas.flatMap(eventClassesOf));
  await service.start();
  await coordinator.start();
  await stories.follow(ofStories);
  return {
    service,
    stories,
    async stop() {
      await service.stop();
      await coordinator.stop();
      for (const transport of [ofStories, ofService, ofCoordinator]) await transport.close();
    },
  };
}
