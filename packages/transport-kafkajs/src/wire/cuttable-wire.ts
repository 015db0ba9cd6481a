import { connect, type Socket } from 'node:net';
import type { KafkaConfig } from 'kafkajs';

/**
 * The connections of one transport under test, in its hands: they can be cut, as those of a process that is killed, and
 * held, as those of a process that sleeps.
 */
export class CuttableWire {
  readonly #sockets = new Set<Socket>();
  #state: 'open' | 'held' | 'cut' = 'open';

  readonly factory: NonNullable<KafkaConfig['socketFactory']> = ({ host, port, onConnect }) => {
    if (this.#state === 'cut') throw new Error('the wire is cut');
    const socket = connect({ host, port }, onConnect);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#state === 'held') hold(socket);
    return socket;
  };

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
