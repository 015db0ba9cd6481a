import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';

const answerTimeoutMs = 10_000;
const answerPollMs = 50;

/** Makes topics as Troupe makes its own: the broker stamps each record when it appends it. */
export async function createTopics(
  kafka: Kafka,
  topics: readonly string[],
  partitions: number,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: topics.map((topic) => ({
        topic,
        numPartitions: partitions,
        configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
      })),
    });
  });
  await topicsAnswer(kafka, topics);
}

/** Resolves when every partition of `topics` answers: their leaders are elected a moment after they were made. */
export function topicsAnswer(kafka: Kafka, topics: readonly string[]): Promise<void> {
  return withAdmin(kafka, async (admin) => {
    for (const topic of topics) await insist(() => admin.fetchTopicOffsets(topic));
  });
}

/**
 * Asks again while a topic is being made anew: brokers hear of it one after the other. Rejects with the last error when
 * it takes too long.
 */
export async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const untilMs = performance.now() + answerTimeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await sleep(answerPollMs);
    }
  }
}

/** Those of `topics` that there are are gone afterwards, so that the next run begins with none. */
export function deleteTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  return withAdmin(kafka, async (admin) => {
    const present = new Set(await admin.listTopics());
    const doomed = topics.filter((topic) => present.has(topic));
    if (doomed.length > 0) await admin.deleteTopics({ topics: doomed });
  });
}

export async function withAdmin<Result>(
  kafka: Kafka,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
