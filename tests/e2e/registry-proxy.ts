import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An address of its own for the schema registry, which can be away while the registry itself, that other tests use too,
 * stays.
 */
export class RegistryProxy {
  readonly #target: URL;
  #server: Server;
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = this.#newServer();
  }

  static async open(target: string): Promise<RegistryProxy> {
    const proxy = new RegistryProxy(target);
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${this.#target.pathname}`;
  }

  async goAway(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async comeBack(): Promise<void> {
    this.#server = this.#newServer();
    await this.#listen();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #newServer(): Server {
    return createServer((request, response) => {
      this.#forward(request, response).catch(() => response.destroy());
    });
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = 'GET', url = '/' } = request;
    const type = request.headers['content-type'];
    const answer = await fetch(new URL(url, this.#target), {
      method,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const answeredType = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': answeredType });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}
