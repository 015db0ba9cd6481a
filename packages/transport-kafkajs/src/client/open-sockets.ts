import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaConfig, RequestTimeoutEvent } from 'kafkajs';

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
  /** By the broker that they go to, `host:port`. */
  readonly #sockets = new Map<Socket, string>();
  #cut = false;

  constructor(open: SocketFactory = openSocket) {
    this.#open = open;
  }

  readonly factory: SocketFactory = (options) => {
    if (this.#cut) throw new Error('the connections of this client were cut');
    const socket = this.#open(options);
    this.#sockets.set(socket, `${options.host}:${options.port}`);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      // kafkajs lets go of it again with each attempt that fails, and Node would keep that for its next connection.
      socket.unref = () => socket;
    });
    return socket;
  };

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets.keys()) {
      socket.destroy(new Error('the connections of this client were cut'));
    }
  }

  /**
   * For kafkajs's REQUEST_TIMEOUT. It gives up the request, and asks the next one over the same connection, whose other
   * end may be gone without a word. Here all connections to that broker end; the next request opens another.
   */
  readonly dropSilent = ({ payload: { broker } }: RequestTimeoutEvent): void => {
    for (const [socket, its] of this.#sockets) {
      if (its === broker) socket.destroy(new Error(`${broker} has not answered in time`));
    }
  };
}

/** As kafkajs does by default. */
const openSocket: SocketFactory = ({ host, port, ssl, onConnect }) => {
  const serverName = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...serverName, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  return socket.setKeepAlive(true, keepAliveDelayMs);
};
