import type { Consumer } from 'kafkajs';

/** Commits in the background what is done of one topic, as often as Troupe's driver does. */
export class BackgroundCommits {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #intervalMs: number;
  readonly #onFault: (error: unknown) => void;
  /** By partition. */
  readonly #lastDone = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    consumer: Consumer,
    topic: string,
    intervalMs: number,
    onFault: (error: unknown) => void,
  ) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#intervalMs = intervalMs;
    this.#onFault = onFault;
  }

  start(): void {
    this.#timer = setInterval(() => this.#commit().catch(this.#onFault), this.#intervalMs);
  }

  markDone(partition: number, offset: string): void {
    this.#lastDone.set(partition, offset);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #commit(): Promise<void> {
    if (this.#lastDone.size === 0) return;
    const offsets = [...this.#lastDone].map(([partition, offset]) => {
      return { topic: this.#topic, partition, offset: String(BigInt(offset) + 1n) };
    });
    this.#lastDone.clear();
    await this.#consumer.commitOffsets(offsets);
  }
}
