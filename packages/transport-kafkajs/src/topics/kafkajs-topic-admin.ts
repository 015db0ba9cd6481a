import { type Isolation, type TopicAdmin, type TopicSpec, TransportError } from '@troupe/core';
import { checkTopicsExist } from '@troupe/core/internal';
import { fewRetries, openClient, type Surroundings } from '../client/kafka-client.ts';
import { transportErrorOf } from '../client/transport-error-of.ts';
import type { OffsetPlace, TopicDirectory } from './topic-directory.ts';

/** Of one question, when others fail beside it. */
const attemptsMax = 3;

type Directory = Pick<
  TopicDirectory,
  'partitionCounts' | 'batchLimits' | 'offsets' | 'discarded' | 'discard'
>;

/** The port's questions about topics, put to the directory; topics are made over a connection of their own. */
export class KafkajsTopicAdmin implements TopicAdmin {
  readonly #surroundings: Surroundings;
  readonly #directory: Directory;
  readonly #assertOpen: () => void;

  constructor(surroundings: Surroundings, directory: Directory, assertOpen: () => void) {
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#assertOpen = assertOpen;
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#ask('looking up topics failed', () => this.#directory.partitionCounts(topics));
  }

  async recordBytesMax(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { recordBytesMax } = this.#surroundings.limits;
    const { batchLimits } = this.#directory;
    // Who asks again may have raised it meanwhile.
    for (const topic of topics) batchLimits.doubt(topic);
    const counts = await this.partitionCounts(topics);
    return new Map(
      [...counts.keys()].map((topic) => {
        const taken = batchLimits.isKnown(topic) ? batchLimits.bytesMax(topic) : recordBytesMax;
        return [topic, Math.min(recordBytesMax, taken)];
      }),
    );
  }

  create(specs: readonly TopicSpec[]): Promise<void> {
    return this.#ask('creating topics failed', async () => {
      const existing = await this.#directory.partitionCounts(specs.map(({ topic }) => topic));
      const missing = specs.filter(({ topic }) => !existing.has(topic));
      if (missing.length > 0) await this.#create(missing);
    });
  }

  endOffsets(
    topics: readonly string[],
    partition: number,
    isolation: Isolation,
  ): Promise<ReadonlyMap<string, bigint>> {
    return this.#offsets(topics, partition, isolation);
  }

  startOffsets(topics: readonly string[], partition: number): Promise<ReadonlyMap<string, bigint>> {
    return this.#offsets(topics, partition, 'start');
  }

  #offsets(
    topics: readonly string[],
    partition: number,
    place: OffsetPlace,
  ): Promise<ReadonlyMap<string, bigint>> {
    return this.#ask('looking up offsets failed', async () => {
      const offsets = await this.#directory.offsets(topics, partition, place);
      checkTopicsExist(`no offsets of partition ${partition} of`, topics, offsets);
      return offsets;
    });
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const { kafka, sockets } = openClient(this.#surroundings);
    const admin = kafka.admin({ retry: fewRetries });
    try {
      await admin.connect();
      await admin.createTopics({
        waitForLeaders: true,
        topics: specs.map(({ topic, partitions, cleanup, retentionMs, replicationFactor }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicationFactor ?? -1,
          configEntries: [
            { name: 'cleanup.policy', value: cleanup },
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
            ...(retentionMs === undefined
              ? []
              : [{ name: 'retention.ms', value: String(retentionMs) }]),
          ],
        })),
      });
    } finally {
      sockets.cut();
    }
  }

  async #ask<Answer>(doing: string, question: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      this.#assertOpen();
      const { discarded } = this.#directory;
      try {
        return await question();
      } catch (error) {
        // Whoever closes the transport meanwhile cuts the connection.
        this.#assertOpen();
        const failure = transportErrorOf(doing, error, this.#surroundings.options.brokers);
        if (!failure.retryable) throw failure;
        // It may have failed only because another question did, and discarded the connection under it.
        const isOwnFault = this.#directory.discarded === discarded;
        if (isOwnFault) this.#directory.discard();
        if (isOwnFault || attempt === attemptsMax) throw failure;
      }
    }
  }
}

const hint = 'Is the address right, and does Kafka run there?';

/** Rejects with the address when no broker answers before `signal` is aborted. */
export async function checkConnection(
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { kafka, sockets } = openClient(surroundings);
  const { brokers } = surroundings.options;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () =>
    reject(
      new TransportError(
        'transport-unavailable',
        `no broker answered in time (brokers ${brokers.join(', ')}). ${hint}`,
        { cause: signal.reason },
      ),
    );
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([kafka.admin({ retry: fewRetries }).connect(), aborted]);
  } catch (error) {
    const refused = transportErrorOf('no broker answers', error, brokers);
    if (refused.code !== 'transport-unavailable') throw refused;
    throw new TransportError(refused.code, `${refused.message}. ${hint}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
    sockets.cut();
  }
}
