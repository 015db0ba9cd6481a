import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOrder } from '@shop/contracts';
import { shopGroups } from '@shop/demo';
import { topicsOf } from '@troupe/core';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryFolder } from '../architecture/source-file.ts';
import { KafkaAndRegistry, withoutTopics } from '../installations/kafka-and-registry.ts';
import { type EndedProcess, runToEnd } from './run-to-end.ts';
import { mainOf, type ServiceName } from './service-process.ts';

// What a person sees who starts a service that cannot start: a status, and one line of the log that names what is
// wrong and the way out.

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-bad-input-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Environment = Readonly<Record<string, string>>;

function run(name: ServiceName, environment: Environment, ...args: string[]) {
  return runToEnd(mainOf(name), args, { DATA_DIR: folder, HTTP_PORT: '0', ...environment });
}

/** The line that says why it did not start: the one error in its log, without a stack that would hide it. */
function reasonOf({ status, logged, output }: EndedProcess): string {
  const errors = logged.filter(({ level }) => level === 'error');
  expect([status, errors.length], output).toEqual([1, 1]);
  expect(errors[0]?.error?.stack).toBeUndefined();
  return errors[0]?.message ?? '';
}

/** Nobody listens there: it was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const nowhere = { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' };

describe('without a broker', () => {
  test.concurrent.each(['inventory', 'troupe-coordinator'] as const)(
    '%s names the address at which nobody answers, soon',
    async (name) => {
      const address = `127.0.0.1:${await unusedPort()}`;
      const ended = await run(name, { ...nowhere, KAFKA_BROKERS: address });
      const reason = reasonOf(ended);
      expect(reason).toContain(`${name} did not start`);
      expect(reason).toContain(address);
      expect(reason).toContain('Is the address right, and does Kafka run there?');
      expect(ended.durationMs).toBeLessThan(30_000);
    },
  );

  test.concurrent('a name that nobody knows is named', async () => {
    const ended = await run('inventory', { ...nowhere, KAFKA_BROKERS: 'kafka.invalid:9092' });
    expect(reasonOf(ended)).toContain('kafka.invalid:9092');
    expect(ended.durationMs).toBeLessThan(30_000);
  });

  test.concurrent('something else that listens there is no broker', async () => {
    const server = await listening();
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ended = await run('inventory', { ...nowhere, KAFKA_BROKERS: address });
    server.close();
    expect(reasonOf(ended)).toContain(address);
    expect(ended.durationMs).toBeLessThan(30_000);
  });
});

describe('what is no setting', () => {
  test('an option is refused, with the place where settings are explained', async () => {
    const ended = await run('inventory', {}, '--port', '7102');
    expect(reasonOf(ended)).toBe(
      'inventory did not start: inventory takes no options, but was given --port 7102. ' +
        'It is set by environment variables: see docs/operations.md',
    );
  });

  test.each([
    ['services/shop/demo/src/main.ts', ['--speed', '3'], "there is no option '--speed'"],
    ['tests/run/main.ts', ['--fast'], "Unknown option '--fast'"],
    ['tests/bench/main.ts', ['chain', '--hops', '5'], '--hops'],
  ])('%s %j: status 2, the fault and the usage', async (main, args, fault) => {
    const { status, output } = await runToEnd(join(repositoryFolder, main), args);
    expect(output).toContain(fault);
    expect(output).toMatch(/usage: /i);
    expect(status).toBe(2);
  });
});

describe('on a Kafka', () => {
  let installation: KafkaAndRegistry;
  let environment: Environment;
  const partitions = 4;

  beforeAll(async () => {
    installation = await KafkaAndRegistry.open(withoutTopics);
    environment = installation.environment;
  });
  afterAll(() => installation?.close());

  async function administrate(work: (admin: ReturnType<Kafka['admin']>) => Promise<unknown>) {
    const { brokers } = installation;
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await work(admin).finally(() => admin.disconnect());
  }

  // Each of these starts from what the one before it has left.
  describe('that has no topics', () => {
    test('a service names those that it needs, and how to make them', async () => {
      const reason = reasonOf(await run('payment', environment));
      expect(reason).toContain('service payment needs topics that do not exist: ');
      for (const topic of [
        'shop.orders',
        'shop.payment',
        'troupe.requests',
        'payment.dead-letter',
      ]) {
        expect(reason).toContain(topic);
      }
    });

    test('the coordinator does too', async () => {
      const reason = reasonOf(await run('troupe-coordinator', environment));
      expect(reason).toContain('the coordinator needs topics that do not exist: ');
      expect(reason).toContain('troupe.state');
    });
  });

  describe('whose topics have different partition counts', () => {
    beforeAll(async () => {
      const { transport } = installation.connect('administrator');
      const odd = ['shop.payment', 'troupe.requests'];
      const topics = topicsOf([placeOrder], shopGroups, { partitions });
      await transport.topics.create(
        topics.map((spec) => (odd.includes(spec.topic) ? { ...spec, partitions: 3 } : spec)),
      );
    });
    afterAll(() =>
      administrate((admin) =>
        admin.createPartitions({
          topicPartitions: [
            { topic: 'shop.payment', count: partitions },
            { topic: 'troupe.requests', count: partitions },
          ],
        }),
      ),
    );

    test.each(['payment', 'troupe-coordinator'] as const)('%s names them', async (name) => {
      const reason = reasonOf(await run(name, environment));
      expect(reason).toContain('one partition count');
      expect(reason).toMatch(/troupe\.requests/);
      if (name === 'payment') expect(reason).toMatch(/3: .*shop\.payment/);
    });
  });

  describe('whose topics are there', () => {
    test('a schema registry that is down is named, soon', async () => {
      const url = `http://127.0.0.1:${await unusedPort()}/apis/ccompat/v7`;
      const ended = await run('payment', { ...environment, SCHEMA_REGISTRY_URL: url });
      expect(reasonOf(ended)).toContain(url);
      expect(ended.durationMs).toBeLessThan(30_000);
    });

    test('an address that is no schema registry is named', async () => {
      const url = installation.registryUrl.replace(/\/apis.*/, '/nothing-here');
      const reason = reasonOf(await run('payment', { ...environment, SCHEMA_REGISTRY_URL: url }));
      expect(reason).toContain(url);
    });

    test('a port in use is named with its setting', async () => {
      const server = await listening();
      const { port } = server.address() as AddressInfo;
      const ended = await run('order', { ...environment, HTTP_PORT: String(port) });
      server.close();
      expect(reasonOf(ended)).toBe(
        `order did not start: HTTP_PORT: port ${port} is in use by another process. Set HTTP_PORT to another one, or to 0 for any free one.`,
      );
    });

    test('a folder that cannot be made is named with its setting', async () => {
      const file = join(repositoryFolder, 'package.json', 'data');
      const reason = reasonOf(await run('order', { ...environment, DATA_DIR: file }));
      expect(reason).toContain(`DATA_DIR: ${file} cannot be made`);
    });
  });
});
