import type { Consumer, Kafka, KafkaMessage, Producer } from 'kafkajs';
import { joined } from '../joined.ts';
import { consumerSettings } from '../kafka-client.ts';
import { BackgroundCommits } from './background-commits.ts';
import { CoalescingSender, type OutgoingMessage } from './coalescing-sender.ts';
import { type EventName, nextHeaders } from './event-headers.ts';

const commitIntervalMs = 100;

export interface BareHopOptions {
  readonly kafka: Kafka;
  /** The name of the events it writes; without one they have no headers. */
  readonly event: EventName | undefined;
  readonly groupId: string;
  readonly from: string;
  readonly to: string;
  readonly onFault: (error: unknown) => void;
}

/** A value is opaque bytes, the first of which says how many hops its chain has made. */
export function hopsOf(value: Buffer): number {
  return value[0] ?? 0;
}

/**
 * One service by hand: a group of its own consumes one topic, handles each event, as business code does, in an async
 * function, and produces to the next topic, at least once.
 *
 * An offset is done when what followed from it is acknowledged. As requests go one after another, everything before
 * it is done then too.
 */
export class BareHop {
  readonly #consumer: Consumer;
  readonly #producer: Producer;
  readonly #sender: CoalescingSender;
  readonly #commits: BackgroundCommits;
  readonly #options: BareHopOptions;

  constructor(options: BareHopOptions) {
    const { kafka, groupId, from, onFault } = options;
    this.#options = options;
    this.#consumer = kafka.consumer({ groupId, ...consumerSettings });
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    this.#sender = new CoalescingSender(this.#producer);
    this.#commits = new BackgroundCommits(this.#consumer, from, commitIntervalMs, onFault);
  }

  async start(): Promise<void> {
    const { from, onFault } = this.#options;
    const ready = joined(this.#consumer, onFault);
    await this.#producer.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: from, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      // Returns at once: the client fetches on while the next events are being made and sent.
      eachBatch: async ({ batch: { partition, messages } }) => {
        for (const message of messages) this.#process(partition, message).catch(onFault);
      },
    });
    await ready;
    this.#commits.start();
  }

  /** Sends the start event of a chain, as the first service does. */
  begin(message: OutgoingMessage): Promise<void> {
    return this.#sender.send(this.#options.from, message);
  }

  async stop(): Promise<void> {
    this.#commits.stop();
    await Promise.all([this.#consumer.disconnect(), this.#producer.disconnect()]);
  }

  async #process(partition: number, event: KafkaMessage): Promise<void> {
    const next = await handle(event, this.#options.event);
    await this.#sender.send(this.#options.to, next);
    this.#commits.markDone(partition, event.offset);
  }
}

async function handle(
  { key, value, headers }: KafkaMessage,
  name: EventName | undefined,
): Promise<OutgoingMessage> {
  if (key === null || value === null) throw new Error('An empty record is no event of a chain.');
  const next = Buffer.from(value);
  next[0] = hopsOf(value) + 1;
  if (name === undefined) return { key, value: next };
  return { key, value: next, headers: nextHeaders(headers ?? {}, name) };
}
