import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { placeOrder } from '@shop/contracts';
import { topicsOf } from '@troupe/core';
import { kafkaBrokers, serverEnvironment } from '@troupe/infra/test-servers';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'troupe-order-'));
const running = new Set<ChildProcess>();

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly port?: number;
  readonly error?: { readonly code: string };
}

interface Service {
  /** Resolves with the next line of the log that is like this; fails when the process ends before. */
  line(pattern: RegExp): Promise<LogLine>;
  readonly exited: Promise<number | null>;
  stop(): void;
}

function startOrderService(environment: Readonly<Record<string, string>>): Service {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', DATA_DIR: folder, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return typeof code === 'number' ? code : null;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    exited,
    stop: () => child.kill('SIGTERM'),
    async line(pattern) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the process ended before it wrote ${pattern}`);
        const line: LogLine = JSON.parse(value);
        if (pattern.test(line.message)) return line;
      }
    },
  };
}

beforeAll(async () => {
  const transport = createKafkajsTransport({ brokers: kafkaBrokers(), clientId: 'order-test' });
  const groups = ['order', 'inventory', 'payment', 'shipping', 'troupe-coordinator'];
  await transport.topics.create(topicsOf([placeOrder], groups, { partitions: 4 }));
  await transport.close();
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const anyPorts = { HTTP_PORT: '0', HEALTH_PORT: '0' };
const order = {
  customer: { name: 'Ira Aldridge', email: 'ira@theatre.example' },
  lines: [{ sku: 'prop-sword', quantity: 2, unitCents: 2740 }],
  cardToken: 'card-approved',
  shipTo: { street: 'Main Road 3', postcode: '1', city: 'London', country: 'GB' },
};

describe('the order service as a process', { timeout: 60_000 }, () => {
  test('takes orders, tells its health, and ends in order', async () => {
    const service = startOrderService({ ...serverEnvironment(), ...anyPorts });
    const { port: healthPort } = await service.line(/^health is told/);
    const { port: httpPort } = await service.line(/^orders are taken/);
    await service.line(/takes part$/);
    const status = async (path: string) =>
      (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 200]);

    const post = (body: object) =>
      fetch(`http://127.0.0.1:${httpPort}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const taken = await post(order);
    expect(taken.status).toBe(202);
    expect(await taken.json()).toEqual({ orderId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect((await post({ ...order, lines: [] })).status).toBe(400);

    service.stop();
    expect(await service.exited).toBe(0);
  });

  test('names every setting that is missing', async () => {
    const service = startOrderService({ HTTP_PORT: 'many' });
    const { level, message, error } = await service.line(/did not start/);
    expect({ level, code: error?.code }).toEqual({ level: 'error', code: 'configuration-invalid' });
    for (const name of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'HTTP_PORT']) {
      expect(message).toContain(`\n  - ${name} `);
    }
    expect(await service.exited).toBe(1);
  });

  test('a port in use ends it with the name of the setting', async () => {
    const first = startOrderService({ ...serverEnvironment(), ...anyPorts });
    const { port } = await first.line(/^health is told/);
    const HEALTH_PORT = String(port);
    const second = startOrderService({ ...serverEnvironment(), ...anyPorts, HEALTH_PORT });
    const { message } = await second.line(/did not start/);
    expect(message).toContain(`HEALTH_PORT: port ${port} is in use by another process`);
    expect(await second.exited).toBe(1);
  });
});
