import type { IHeaders, Producer } from 'kafkajs';

export interface OutgoingMessage {
  readonly key: Buffer | string;
  readonly value: Buffer;
  readonly headers?: IHeaders;
}

/**
 * The sends of one turn of the event loop as one request, one request in flight; what comes meanwhile is the next one.
 *
 * Owns what waits to be sent. Keeps the order: there is never a second request beside the first.
 */
export class CoalescingSender {
  readonly #producer: Producer;
  #messages = new Map<string, OutgoingMessage[]>();
  #waiting = Promise.withResolvers<void>();
  #busy = false;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  /** Resolves when `message` is acknowledged. */
  send(topic: string, message: OutgoingMessage): Promise<void> {
    const waiting = this.#messages.get(topic);
    if (waiting === undefined) this.#messages.set(topic, [message]);
    else waiting.push(message);
    this.#schedule();
    return this.#waiting.promise;
  }

  #schedule(): void {
    if (this.#busy || this.#messages.size === 0) return;
    this.#busy = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const topicMessages = [...this.#messages].map(([topic, messages]) => ({ topic, messages }));
    const { resolve, reject } = this.#waiting;
    this.#messages = new Map();
    this.#waiting = Promise.withResolvers<void>();
    this.#producer.sendBatch({ acks: -1, topicMessages }).then(() => {
      this.#busy = false;
      resolve();
      this.#schedule();
    }, reject);
  }
}
