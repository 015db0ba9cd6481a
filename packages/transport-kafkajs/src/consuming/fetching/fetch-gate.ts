import type { Broker, Cluster, FetchedTopic, FetchRequest } from '../../client/cluster.ts';
import type { Surroundings } from '../../client/kafka-client.ts';
import { Gathering } from './gathering.ts';
import { withoutAborted } from './without-aborted.ts';

export interface FetchEvents {
  /** kafkajs is about to fetch from `offset`, or has: whether the reader takes what is there. Not where it has paused. */
  isWanted(topic: string, partition: number, offset: bigint): boolean;
  onOutOfRange(topic: string, partition: number, offset: bigint): void;
}

/**
 * Which part of each of kafkajs's fetches goes out, how long it may take, and what kafkajs sees of the answer.
 *
 * Pausing is done here, and kafkajs never hears of it: it would sleep for `fetchWaitMs` when all is paused, however soon
 * one resumes. A fetch that runs without what is paused cannot be called back, so while a resume is likely it is a short
 * one; and so is one that leaves out what is being gathered.
 */
export class FetchGate {
  readonly #surroundings: Surroundings;
  readonly #events: FetchEvents;
  readonly #gathering: Gathering;
  #waiting: (() => void)[] = [];
  #resumeExpectedUntilMs = 0;

  constructor(
    surroundings: Surroundings,
    gatherMs: (topic: string) => number,
    events: FetchEvents,
  ) {
    this.#surroundings = surroundings;
    this.#events = events;
    this.#gathering = new Gathering(gatherMs);
  }

  /** To be called with the cluster of a kafkajs consumer, before it is run. */
  watch(cluster: Cluster): void {
    const watched = new WeakSet<Broker>();
    const find = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (node) => {
      const broker = await find(node);
      if (!watched.has(broker)) {
        watched.add(broker);
        const fetch = broker.fetch.bind(broker);
        broker.fetch = (request) => this.#fetch(request, fetch);
      }
      return broker;
    };
  }

  delivered(topic: string, records: number): void {
    this.#gathering.delivered(topic, records, this.#surroundings.clock.monotonicMs());
  }

  /** A reader has paused, most likely not for long. */
  expectResume(): void {
    const { clock, limits } = this.#surroundings;
    this.#resumeExpectedUntilMs = clock.monotonicMs() + limits.resumeExpectedMs;
  }

  /** There may be something to fetch again. */
  wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async #fetch(asked: FetchRequest, fetch: Broker['fetch']): ReturnType<Broker['fetch']> {
    const wanted = asked.topics
      .map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.filter(({ partition, fetchOffset }) =>
          this.#events.isWanted(topic, partition, BigInt(fetchOffset)),
        ),
      }))
      .filter(({ partitions }) => partitions.length > 0);
    const { clock, limits } = this.#surroundings;
    const nowMs = clock.monotonicMs();
    const left = wanted.map(({ topic }) => this.#gathering.leftMs(topic, nowMs));
    const topics = wanted.filter((_, index) => left[index] === 0);
    const gatheredMs = Math.min(limits.fetchWaitMs, ...left.filter((leftMs) => leftMs > 0));
    if (topics.length === 0) {
      await this.#wait(gatheredMs);
      return { responses: [] };
    }
    const isResumeExpected = nowMs < this.#resumeExpectedUntilMs;
    const waitMs = isResumeExpected ? limits.fetchWaitWhilePausedMs : asked.maxWaitTime;
    const maxWaitTime = Math.ceil(Math.min(waitMs, gatheredMs));
    const request = { ...asked, topics, maxWaitTime };
    try {
      const { responses } = await fetch(request);
      const wantedYet = responses.map((answer) => this.#wantedYet(request, answer));
      return { responses: wantedYet.map(committedOf) };
    } catch (error) {
      const place = outOfRange(error);
      if (place === undefined) throw error;
      // kafkajs would commit another offset in place of the lost one, and go on as if nothing had happened.
      const offset = offsetIn(request, place);
      this.#events.onOutOfRange(place.topic, place.partition, offset);
      return { responses: [] };
    }
  }

  /** The reader may have paused, or have gone somewhere else, while the broker was asked. */
  #wantedYet(request: FetchRequest, { topicName: topic, partitions }: FetchedTopic): FetchedTopic {
    const isWanted = ({ partition }: { readonly partition: number }) =>
      this.#events.isWanted(topic, partition, offsetIn(request, { topic, partition }));
    return { topicName: topic, partitions: partitions.filter(isWanted) };
  }

  async #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const { clock } = this.#surroundings;
    const cancel = clock.after(delayMs, () => this.wake());
    await promise;
    cancel();
  }
}

function committedOf({ topicName, partitions }: FetchedTopic): FetchedTopic {
  return { topicName, partitions: partitions.map(withoutAborted) };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function outOfRange(error: unknown): Place | undefined {
  if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return undefined;
  if (!('topic' in error) || !('partition' in error)) return undefined;
  const { topic, partition } = error;
  return typeof topic === 'string' && typeof partition === 'number'
    ? { topic, partition }
    : undefined;
}

function offsetIn(request: FetchRequest, { topic, partition }: Place): bigint {
  const partitions = request.topics.find((one) => one.topic === topic)?.partitions;
  return BigInt(partitions?.find((one) => one.partition === partition)?.fetchOffset ?? -1);
}
