import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@troupe/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createRegistryClient, type RegistryClientOptions } from './registry-client.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** What a request is answered with; undefined: never. */
type Answer = readonly [status: number, body: unknown] | undefined;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const signal = new AbortController().signal;
const text = '{"type":"record","name":"A","namespace":"shop","fields":[]}';

/** A server of one's own in place of a registry: what it was asked, and how it answers. */
async function registryThat(
  answer: (request: string) => Answer,
  options: Partial<RegistryClientOptions> = {},
) {
  const requests: { readonly what: string; readonly headers: IncomingMessage['headers'] }[] = [];
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    const what = `${request.method} ${request.url}`;
    requests.push({ what, headers: request.headers });
    const answered = answer(what);
    if (answered === undefined) return;
    const [status, body] = answered;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer(respond);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const credentials = url.replace('//', '//shop:secret@');
  const registry = createRegistryClient({ url: credentials, clock: hurried, ...options });
  return { registry, requests, url };
}

/** Waits between tries are over at once; time limits hold. */
const hurried: Clock = { ...systemClock, sleep: async () => undefined };
/** Time limits are over at once. */
const impatient: Clock = {
  ...hurried,
  after(_delayMs, run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
};

const calls: Readonly<Record<string, (registry: SchemaRegistry) => Promise<unknown>>> = {
  checkCompatibility: (registry) => registry.checkCompatibility('shop.A', text, signal),
  register: (registry) => registry.register('shop.A', text, signal),
  schemaById: (registry) => registry.schemaById(7, signal),
};

describe.each(Object.entries(calls))('%s', (_name, call) => {
  it('tries again a bounded number of times while the registry fails, then says so', async () => {
    const { registry, requests, url } = await registryThat(() => [503, { message: 'starting' }]);
    await expect(call(registry)).rejects.toMatchObject({
      code: 'schema-unavailable',
      retryable: true,
      message: expect.stringContaining(url),
    });
    expect(requests.length).toBe(4);
  });

  it('gives up on an answer that does not come', async () => {
    const { registry } = await registryThat(() => undefined, { clock: impatient, attemptsMax: 2 });
    await expect(call(registry)).rejects.toMatchObject({
      code: 'schema-unavailable',
      message: expect.stringMatching(/no answer within 3000 ms/),
    });
  });

  it('ends with the signal, which is no fault of the registry', async () => {
    const { registry } = await registryThat(() => undefined);
    const stopping = new AbortController();
    const reason = new Error('stopping');
    const aborted = {
      ...registry,
      checkCompatibility: () => registry.checkCompatibility('shop.A', text, stopping.signal),
      register: () => registry.register('shop.A', text, stopping.signal),
      schemaById: () => registry.schemaById(7, stopping.signal),
    };
    const pending = call(aborted);
    stopping.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  it('says that the address is not that of a registry', async () => {
    for (const page of ['<html>not here</html>', { error: 'Not Found' }]) {
      const { registry } = await registryThat(() => [404, page]);
      await expect(call(registry)).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: expect.stringMatching(/not as a schema registry does.*ccompat/),
      });
    }
  });

  it('says that user and password are refused, and nowhere says what they are', async () => {
    for (const status of [401, 403]) {
      const { registry, requests } = await registryThat(() => [status, { message: 'who?' }]);
      const error: unknown = await call(registry).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'not-authorized', retryable: false });
      expect(`${error} ${JSON.stringify(error)} ${registry.name}`).not.toContain('secret');
      const basic = `Basic ${Buffer.from('shop:secret').toString('base64')}`;
      expect(requests.every(({ headers }) => headers.authorization === basic)).toBe(true);
    }
  });

  it('does not read an answer of any size', async () => {
    const { registry } = await registryThat(() => [200, 'x'.repeat(5 * 1_048_576)]);
    await expect(call(registry)).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});

/** A registry that has a level for the subject, and `answer` for the rest. */
const withLevel = (level: string, answer: (request: string) => Answer) => (request: string) =>
  request.startsWith('GET /config/')
    ? ([200, { compatibilityLevel: level }] as const)
    : answer(request);

describe('the answers of a registry', () => {
  it("gives the reasons of Confluent's registry", async () => {
    const messages = ['READER_FIELD_MISSING_DEFAULT_VALUE: note', 'and another'];
    const { registry } = await registryThat(
      withLevel('FULL', () => [200, { is_compatible: false, messages }]),
    );
    const { reasons } = await registry.checkCompatibility('shop.A', text, signal);
    expect(reasons).toEqual(messages);
  });

  it('asks for all versions at a transitive level, else for the last', async () => {
    for (const [level, path] of [
      ['FULL_TRANSITIVE', '/versions?'],
      ['BACKWARD', '/versions/latest?'],
    ] as const) {
      const { registry, requests } = await registryThat(
        withLevel(level, () => [200, { is_compatible: true }]),
      );
      await registry.checkCompatibility('shop.A', text, signal);
      expect(requests.at(-1)?.what).toContain(`/compatibility/subjects/shop.A${path}`);
    }
  });

  it('leaves the level that an operator has set', async () => {
    const { registry, requests } = await registryThat(
      withLevel('BACKWARD', (request) =>
        request.startsWith('POST /subjects/') ? [200, { id: 3 }] : [500, {}],
      ),
    );
    expect(await registry.register('shop.A', text, signal)).toBe(3);
    expect(requests.some(({ what }) => what.startsWith('PUT'))).toBe(false);
  });

  it('sets no level where it is told to leave that to the registry', async () => {
    const missing: Answer = [404, { error_code: 40_408, message: 'no level' }];
    const { registry, requests } = await registryThat(
      (request) => (request.startsWith('POST /subjects/') ? [200, { id: 3 }] : missing),
      { compatibility: 'as-configured' },
    );
    await registry.checkCompatibility('shop.A', text, signal);
    expect(await registry.register('shop.A', text, signal)).toBe(3);
    expect(requests.some(({ what }) => what.startsWith('PUT'))).toBe(false);
  });

  it('comes through when the registry is there again before the last try', async () => {
    let failures = 3;
    const { registry } = await registryThat(() => {
      failures -= 1;
      return failures >= 0 ? [500, 'oops'] : [200, { schema: text }];
    });
    expect(await registry.schemaById(7, signal)).toBe(text);
  });

  it('says that nobody listens, and where', async () => {
    const { registry, url } = await registryThat(() => undefined);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    await expect(registry.schemaById(7, signal)).rejects.toMatchObject({
      code: 'schema-unavailable',
      message: expect.stringMatching(new RegExp(`${url} does not answer: connect ECONNREFUSED`)),
    });
  });

  it('a connection lost at the registration itself counts as unavailable, not as a refusal', async () => {
    const { registry } = await registryThat(
      withLevel('FULL', () => {
        for (const server of servers) server.closeAllConnections();
        return undefined;
      }),
    );
    await expect(registry.register('shop.A', text, signal)).rejects.toMatchObject({
      code: 'schema-unavailable',
    });
  });
});
