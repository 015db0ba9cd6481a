import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { type Answering, ProxyLink } from './proxy-link.ts';

/** Kafka's numbers of the requests that tests speak of. */
export const apiKeys = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  joinGroup: 11,
  heartbeat: 12,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  endTxn: 26,
  txnOffsetCommit: 28,
  describeConfigs: 32,
} as const;

/** What was asked: Kafka's number of the request, its length, and the port of the broker that it was for. */
export interface SeenRequest {
  readonly apiKey: number;
  readonly bytes: number;
  readonly port: number;
}

interface Rule {
  readonly apiKey: number;
  readonly port: number | undefined;
  timesLeft: number;
  readonly answer: Answering;
}

/** How kafkajs is told to open a connection. */
interface SocketRequest {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

interface RuleOptions {
  /** Default: every time. */
  readonly times?: number;
  /** Default: whatever broker answers. */
  readonly port?: number | undefined;
}

/**
 * A real proxy between one client and its brokers, over TCP on loopback, in the hands of a test.
 *
 * It reads Kafka's frames, so that it can lose the answer to one kind of request while everything else goes on. The
 * client comes here by `socketFactory`, whatever the addresses are that the brokers name. Broken are the connections of
 * this client alone.
 */
export class KafkaProxy {
  readonly requests: SeenRequest[] = [];
  readonly #links = new Set<ProxyLink>();
  readonly #servers = new Map<string, Promise<Server>>();
  #rules: Rule[] = [];
  #state: 'open' | 'held' | 'deaf' | 'cut' = 'open';

  readonly socketFactory = ({ host, port, onConnect }: SocketRequest): Socket => {
    if (this.#state === 'cut') throw new Error('the wire is cut');
    const socket = new Socket();
    void this.#serverTo(host, port).then((server) => {
      const { port: own } = server.address() as AddressInfo;
      socket.connect({ host: '127.0.0.1', port: own }, onConnect);
    });
    return socket;
  };

  seen(apiKey: number): SeenRequest[] {
    return this.requests.filter((request) => request.apiKey === apiKey);
  }

  /** The request is done, and instead of its answer the client gets the end of the connection. */
  lose(apiKey: number, options: RuleOptions = {}): void {
    this.answer(apiKey, () => undefined, options);
  }

  /** Answers wait until the returned function is called. */
  holdAnswers(apiKey: number, options: RuleOptions = {}): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wait: Answering = async (frame) => {
      await promise;
      return frame;
    };
    this.answer(apiKey, wait, options);
    return resolve;
  }

  /** Puts what `answering` makes of an answer in its place. */
  answer(apiKey: number, answering: Answering, { times, port }: RuleOptions = {}): void {
    this.#rules.push({
      apiKey,
      port,
      timesLeft: times ?? Number.POSITIVE_INFINITY,
      answer: answering,
    });
  }

  /** The other ends of all connections are gone without a word: what is sent there is lost. New ones work. */
  halfOpen(): void {
    for (const link of this.#links) link.swallow();
  }

  /** Nothing gets through any more, in either direction, and nothing ever will. */
  cut(): void {
    this.#state = 'cut';
    this.breakConnections();
  }

  /** All connections end; new ones work. */
  breakConnections(): void {
    for (const link of this.#links) link.end();
  }

  /** Nothing gets through until `release`; then everything does. */
  hold(): void {
    this.#state = 'held';
    for (const link of this.#links) link.hold();
  }

  /** What is asked gets through, and no answer does, until `release`. */
  deafen(): void {
    this.#state = 'deaf';
    for (const link of this.#links) link.deafen();
  }

  /** Everything is as it should be again, but for connections that are half open. */
  release(): void {
    this.#state = 'open';
    this.#rules = [];
    for (const link of this.#links) link.release();
  }

  async close(): Promise<void> {
    this.cut();
    for (const opened of this.#servers.values()) (await opened).close();
  }

  #serverTo(host: string, port: number): Promise<Server> {
    const name = `${host}:${port}`;
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const opened = this.#listen(host, port);
    this.#servers.set(name, opened);
    return opened;
  }

  async #listen(host: string, port: number): Promise<Server> {
    const server = createServer((client) => this.#link(client, host, port));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.unref();
  }

  #link(client: Socket, host: string, port: number): void {
    const link = new ProxyLink(
      client,
      { host, port },
      {
        onRequest: (apiKey, bytes) => this.requests.push({ apiKey, bytes, port }),
        answering: (apiKey) => this.#answering(apiKey, port),
        onEnd: () => this.#links.delete(link),
      },
    );
    this.#links.add(link);
    if (this.#state === 'cut') link.end();
    if (this.#state === 'held') link.hold();
    if (this.#state === 'deaf') link.deafen();
  }

  #answering(apiKey: number, port: number): Answering | undefined {
    const rule = this.#rules.find(
      (one) =>
        one.apiKey === apiKey && one.timesLeft > 0 && (one.port === undefined || one.port === port),
    );
    if (rule === undefined) return undefined;
    rule.timesLeft -= 1;
    return rule.answer;
  }
}
