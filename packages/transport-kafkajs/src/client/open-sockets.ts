import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaConfig } from 'kafkajs';

type SocketFactory = NonNullable<KafkaConfig['socketFactory']>;

const keepAliveDelayMs = 60_000;

/**
 * The connections of one kafkajs client.
 *
 * kafkajs ends a connection only when everything that was asked over it was answered, which may take as long as its
 * longest request. After `cut` nothing is asked any more: what waits fails at once, and no new connection is made.
 */
export class OpenSockets {
  readonly #open: SocketFactory;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  constructor(open: SocketFactory = openSocket) {
    this.#open = open;
  }

  readonly factory: SocketFactory = (options) => {
    if (this.#cut) throw new Error('the connections of this client were cut');
    const socket = this.#open(options);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  };

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) {
      socket.destroy(new Error('the connections of this client were cut'));
    }
  }
}

/** As kafkajs does by default. */
const openSocket: SocketFactory = ({ host, port, ssl, onConnect }) => {
  const serverName = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...serverName, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  return socket.setKeepAlive(true, keepAliveDelayMs);
};
