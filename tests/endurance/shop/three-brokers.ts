import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaCluster } from '@troupe/infra';
import { Kafka, logLevel } from 'kafkajs';
import type { Part } from './part.ts';

const internalTopics = ['__consumer_offsets', '__transaction_state'];
const pollMs = 200;
const inSyncWithinMs = 120_000;

export function brokerParts({ brokers }: KafkaCluster): readonly Part[] {
  return brokers.map((broker, index) => ({
    name: `broker-${index + 1}`,
    kind: 'broker',
    get pid() {
      return broker.pid;
    },
    kill: () => broker.kill(),
    pause: () => broker.pause(),
    resume: () => broker.resume(),
    restart: () => broker.restart(),
  }));
}

/**
 * Resolves when every partition is on all brokers again: who takes a second one from a cluster before that takes what the
 * replication promised. Rejects with those that are not, after a generous while.
 */
export async function allInSync(
  { bootstrapServers, brokers }: KafkaCluster,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAtMs = performance.now() + inSyncWithinMs;
  for (;;) {
    const behind = await partitionsBehind(bootstrapServers.split(','), brokers.length).catch(
      (error: unknown) => [`the brokers do not say: ${String(error)}`],
    );
    if (behind.length === 0) return;
    if (performance.now() > giveUpAtMs) throw new Error(`not in sync: ${behind.join(', ')}`);
    await delay(pollMs, undefined, { signal });
  }
}

async function partitionsBehind(brokers: string[], replicas: number): Promise<readonly string[]> {
  const kafka = new Kafka({ clientId: 'replication', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const own = await admin.listTopics();
    const { topics } = await admin.fetchTopicMetadata({
      topics: [...new Set([...own, ...internalTopics])],
    });
    return topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ isr }) => isr.length < replicas)
        .map(({ partitionId }) => `${name}-${partitionId}`),
    );
  } finally {
    await admin.disconnect();
  }
}

/** By group: records that it has not marked as done. */
export type Lags = Readonly<Record<string, number>>;

export async function groupLags({ bootstrapServers }: KafkaCluster): Promise<Lags> {
  const brokers = bootstrapServers.split(',');
  const admin = new Kafka({ clientId: 'lags', brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const lags: Record<string, number> = {};
    for (const { groupId } of groups) {
      let lag = 0;
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const ends = await admin.fetchTopicOffsets(topic);
        for (const { partition, offset } of partitions) {
          const end = ends.find((one) => one.partition === partition);
          if (end !== undefined && Number(offset) >= 0) lag += Number(end.high) - Number(offset);
        }
      }
      lags[groupId] = lag;
    }
    return lags;
  } finally {
    await admin.disconnect();
  }
}
