import type { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';

/** What comes in place of an answer; undefined is the end of the connection. */
export type Answering = (frame: Buffer) => Buffer | undefined | Promise<Buffer | undefined>;

export interface LinkEvents {
  onRequest(apiKey: number, bytes: number): void;
  /** What is done with the answer to the request that goes out now. */
  answering(apiKey: number): Answering | undefined;
  onEnd(): void;
}

/** Where they are in a frame, behind its length. */
const apiKeyAt = 4;
const requestIdAt = 8;
const answerIdAt = 4;

/** One connection of the client, and the one to the broker behind it. Frames keep their order. */
export class ProxyLink {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #events: LinkEvents;
  readonly #answerings = new Map<number, Answering>();
  #answered: Promise<void> = Promise.resolve();
  #swallows = false;

  constructor(
    client: Socket,
    broker: { readonly host: string; readonly port: number },
    events: LinkEvents,
  ) {
    this.#client = client.setNoDelay(true);
    this.#broker = connect(broker).setNoDelay(true);
    this.#events = events;
    const requests = new FrameReader();
    const answers = new FrameReader();
    client.on('data', (chunk) => {
      for (const frame of requests.read(chunk)) this.#onRequest(frame);
    });
    this.#broker.on('data', (chunk) => {
      for (const frame of answers.read(chunk)) this.#onAnswer(frame);
    });
    for (const socket of [client, this.#broker]) {
      socket.on('error', () => this.end());
      socket.once('close', () => {
        if (!this.#swallows) this.end();
      });
    }
    client.once('close', () => this.end());
  }

  swallow(): void {
    this.#swallows = true;
  }

  hold(): void {
    this.#client.pause();
    this.#broker.pause();
  }

  deafen(): void {
    this.#broker.pause();
  }

  release(): void {
    this.#client.resume();
    this.#broker.resume();
  }

  end(): void {
    this.#client.destroy();
    this.#broker.destroy();
    this.#events.onEnd();
  }

  #onRequest(frame: Buffer): void {
    const apiKey = frame.readInt16BE(apiKeyAt);
    this.#events.onRequest(apiKey, frame.length);
    if (this.#swallows) return;
    const answering = this.#events.answering(apiKey);
    if (answering !== undefined) this.#answerings.set(frame.readInt32BE(requestIdAt), answering);
    this.#broker.write(frame);
  }

  #onAnswer(frame: Buffer): void {
    const id = frame.readInt32BE(answerIdAt);
    const answering = this.#answerings.get(id);
    this.#answerings.delete(id);
    this.#answered = this.#answered.then(async () => {
      const answer = answering === undefined ? frame : await answering(frame);
      if (answer === undefined) this.end();
      else if (!this.#swallows) this.#client.write(answer);
    });
  }
}
