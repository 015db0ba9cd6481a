import assert from 'node:assert/strict';
import { type CoordinatorHealth, createCoordinator } from '@troupe/coordinator';
import {
  createService,
  type Event,
  type LogFields,
  type Logger,
  type Serde,
  topicsOf,
} from '@troupe/core';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { deleteTopics, insist, topicsAnswer } from '../bench-topics.ts';
import { type ChainSide, hopCount, type SideAudit, type SideOptions } from '../chain-side.ts';
import { kafkaClient } from '../kafka-client.ts';
import { readLastEvents } from '../last-event-reader.ts';
import { chainSaga } from './chain-saga.ts';
import { assertNoTroupe, countEndedSagas } from './ended-sagas.ts';

const auditTimeoutMs = 30_000;

/**
 * The chain by Troupe: four services, each with a transport and group of its own, and a coordinator, all in this
 * process; Avro with a registry in this process; no inbox, no tracing SDK.
 */
export async function startTroupeChain(options: SideOptions): Promise<ChainSide> {
  const { brokers, runName, partitions, onFault, onLastEvent } = options;
  const { saga, handlers, ChainBegun, FourthHopMade } = chainSaga(runName);
  const observerKafka = kafkaClient(brokers, `${runName}.observer`);
  await assertNoTroupe(observerKafka);
  const serde = createAvroSerde({ registry: createInProcessRegistry() });
  const logger = new ErrorLog();
  const transportOf = (clientId: string) => createKafkajsTransport({ brokers, clientId, logger });

  const coordinatorGroup = `${runName}.coordinator`;
  const coordinatorTransport = transportOf(coordinatorGroup);
  const coordinator = createCoordinator({
    transport: coordinatorTransport,
    serde,
    groupId: coordinatorGroup,
    logger,
  });
  const participants = handlers.map((handler, index) => {
    const name = `${runName}.hop-${index + 1}`;
    const transport = transportOf(name);
    // The first service starts the sagas, so it brings their definition.
    const sagas = index === 0 ? [saga] : [];
    const service = createService({
      name,
      transport,
      serde,
      handlers: [handler],
      sagas,
      logger,
    });
    return { name, transport, service };
  });
  const [starter] = participants;
  if (starter === undefined) throw new RangeError('A chain has hops.');

  const groups = [...participants.map(({ name }) => name), coordinatorGroup];
  const topicSpecs = topicsOf([saga], groups, { partitions });
  const topics = topicSpecs.map(({ topic }) => topic);
  await insist(() => coordinatorTransport.topics.create(topicSpecs));
  await topicsAnswer(observerKafka, topics);
  // The services bring the definition; a coordinator that starts after them knows it from its first moment.
  await Promise.all(participants.map(({ service }) => service.start()));
  await coordinator.start();
  await insist(async () => assert(isReady(coordinator.health(), partitions)));
  const observer = await readLastEvents({
    kafka: observerKafka,
    groupId: `${runName}.observer`,
    topic: `${runName}.${hopCount}`,
    onLastEvent: ({ key, value }) => {
      const { chainId, hops } = decodeNow(serde, value, FourthHopMade);
      if (chainId !== key.toString()) onFault(new Error(`${chainId} came under the key ${key}.`));
      onLastEvent(chainId, hops);
    },
    onFault,
  });
  return {
    begin: (chainId) => starter.service.publish(new ChainBegun({ chainId, hops: 0 })),
    audit: (chains, measuredUntilMs) => audit(chains, measuredUntilMs),
    stop: async () => {
      await observer.disconnect();
      await Promise.all(participants.map(({ service }) => service.stop()));
      await coordinator.stop();
      const transports = [...participants.map(({ transport }) => transport), coordinatorTransport];
      await Promise.all(transports.map((transport) => transport.close()));
      await deleteTopics(observerKafka, topics);
    },
  };

  async function audit(chains: number, measuredUntilMs: number): Promise<SideAudit> {
    const { completed, completedByThen, otherEnds } = await countEndedSagas({
      kafka: observerKafka,
      groupId: `${runName}.audit`,
      expected: chains,
      measuredUntilMs,
      timeoutMs: auditTimeoutMs,
    });
    const others = [...otherEnds].map(([type, count]) => `${count} ${type}`);
    const behind = chains - completedByThen;
    return {
      notes: [
        `the coordinator completed ${completed}, ${behind} of them after measuring`,
        ...logger.messages,
        ...(completed < chains ? [`coordinator: ${JSON.stringify(coordinator.health())}`] : []),
      ],
      faults: [
        ...(completed === chains
          ? []
          : [`${chains} chains were verified, but ${completed} sagas were completed`]),
        ...(others.length === 0 ? [] : [`sagas ended otherwise: ${others.join(', ')}`]),
      ],
    };
  }
}

function isReady({ ready, shards }: CoordinatorHealth, partitions: number): boolean {
  return ready && shards.length === partitions;
}

/** Keeps what is logged as an error: it may be mended by itself, but the figures of that run are to be doubted. */
class ErrorLog implements Logger {
  readonly messages: string[] = [];

  debug(): void {
    // Only errors are kept.
  }

  info(): void {
    this.debug();
  }

  warn(): void {
    this.debug();
  }

  error(message: string, fields?: LogFields): void {
    const { error } = fields ?? {};
    this.messages.push(error instanceof Error ? `${message}: ${error.message}` : message);
  }
}

/** The observer shares the registry with those who wrote the event, so it never has to wait for a schema. */
function decodeNow<E extends Event>(
  serde: Serde,
  value: Uint8Array,
  reader: { readonly eventName: string; new (draft: never): E },
): E {
  const event = serde.decode(value, reader);
  if (event instanceof Promise) throw new Error(`The schema of ${reader.eventName} is not known.`);
  return event;
}
