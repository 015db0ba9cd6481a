import type { Kafka } from 'kafkajs';
import { withAdmin } from '../bench-topics.ts';
import { joined } from '../joined.ts';
import { consumerSettings } from '../kafka-client.ts';

const sagasTopic = 'troupe.sagas';

export interface EndedSagas {
  /** Sagas that the coordinator ended as completed, in all. */
  readonly completed: number;
  /** Those whose end was written by `measuredUntilMs`. */
  readonly completedByThen: number;
  /** Any other end, by its type, with how many sagas it had. */
  readonly otherEnds: ReadonlyMap<string, number>;
}

export interface CountOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Stop reading when so many have ended. */
  readonly expected: number;
  readonly measuredUntilMs: number;
  readonly timeoutMs: number;
}

const otherEnds = new Set(['saga-compensated', 'saga-stuck', 'saga-forgotten', 'saga-doomed']);

/**
 * Reads the life-cycle log from its beginning, as anybody may: a bare consumer that reads what is committed. Reads on
 * until all expected sagas have ended, or the time is over.
 */
export async function countEndedSagas(options: CountOptions): Promise<EndedSagas> {
  const { kafka, groupId, expected, measuredUntilMs, timeoutMs } = options;
  const completed = new Set<string>();
  const others = new Map<string, number>();
  let completedByThen = 0;
  const enough = Promise.withResolvers<void>();
  const consumer = kafka.consumer({ groupId, ...consumerSettings });
  const ready = joined(consumer, enough.reject);
  const timer = setTimeout(enough.resolve, timeoutMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: sagasTopic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, timestamp } of batch.messages) {
          const sagaId = key?.toString() ?? '';
          for (const type of eventTypes(value)) {
            if (otherEnds.has(type)) others.set(type, (others.get(type) ?? 0) + 1);
            if (type !== 'saga-completed' || completed.has(sagaId)) continue;
            completed.add(sagaId);
            if (Number(timestamp) <= measuredUntilMs) completedByThen += 1;
          }
        }
        if (completed.size >= expected) enough.resolve();
      },
    });
    await ready;
    await enough.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
  return { completed: completed.size, completedByThen, otherEnds: others };
}

/** A record of the life-cycle log is a JSON array of what became of one saga. */
function eventTypes(value: Buffer | null): string[] {
  const events: unknown = JSON.parse(value?.toString() ?? '[]');
  if (!Array.isArray(events)) throw new TypeError(`${sagasTopic}: ${value} is no list of events.`);
  return events.map((event: { type?: unknown }) => String(event.type));
}

/** Refuses a Kafka on which a Troupe runs: the benchmark would take part in it, and it in the benchmark. */
export async function assertNoTroupe(kafka: Kafka): Promise<void> {
  const topics = await withAdmin(kafka, (admin) => admin.listTopics());
  const taken = topics.filter((topic) => topic.startsWith('troupe.'));
  if (taken.length === 0) return;
  throw new Error(
    `This Kafka has topics of a Troupe already (${taken.join(', ')}), which the benchmark would take part in. ` +
      'Set KAFKA_BROKERS to an empty one, or unset it: then one is started.',
  );
}
