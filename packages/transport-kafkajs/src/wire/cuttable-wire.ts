import { connect, type Socket } from 'node:net';
import type { KafkaConfig } from 'kafkajs';

/** What was asked over the wire: Kafka's number of the request, and its length. */
export interface SeenRequest {
  readonly apiKey: number;
  readonly bytes: number;
}

export const apiKeys = { produce: 0, initProducerId: 22 };

/**
 * The connections of one transport under test, in its hands: they can be cut, as those of a process that is killed, and
 * held, as those of a process that sleeps, and made deaf, so that what is asked is done but never answered.
 */
export class CuttableWire {
  readonly requests: SeenRequest[] = [];
  readonly #sockets = new Set<Socket>();
  #state: 'open' | 'held' | 'deaf' | 'cut' = 'open';

  readonly factory: NonNullable<KafkaConfig['socketFactory']> = ({ host, port, onConnect }) => {
    if (this.#state === 'cut') throw new Error('the wire is cut');
    const socket = connect({ host, port }, onConnect);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#state === 'held') hold(socket);
    if (this.#state === 'deaf') socket.pause();
    const write = socket.write.bind(socket);
    // kafkajs writes each request with one call.
    socket.write = (chunk: Uint8Array | string) => {
      const bytes = Buffer.from(chunk);
      this.requests.push({ apiKey: bytes.readInt16BE(4), bytes: bytes.length });
      return write(bytes);
    };
    return socket;
  };

  seen(apiKey: number): SeenRequest[] {
    return this.requests.filter((request) => request.apiKey === apiKey);
  }

  /** Nothing gets through any more, in either direction, and nothing ever will. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy(new Error('the wire is cut'));
  }

  /** Nothing gets through until `release`; then everything does. */
  hold(): void {
    this.#state = 'held';
    for (const socket of this.#sockets) hold(socket);
  }

  /** What is asked gets through, and no answer does, until `release`. */
  deafen(): void {
    this.#state = 'deaf';
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#state = 'open';
    for (const socket of this.#sockets) {
      socket.uncork();
      socket.resume();
    }
  }
}

function hold(socket: Socket): void {
  socket.cork();
  socket.pause();
}
