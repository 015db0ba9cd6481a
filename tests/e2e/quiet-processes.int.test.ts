import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createService } from '@troupe/core';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { Called, phoneCall } from './call-saga.ts';
import { RawLog } from './raw-log.ts';
import { SagaLives } from './saga-lives.ts';

const patience = { timeout: 60_000, interval: 50 };
/** One more than either of them has consumers: one has tried again, waited, and tried again. */
const outagesSaidMin = 3;

let installation: KafkaAndRegistry;
const processes = new Map<string, ServerProcess>();

beforeAll(async () => {
  const groups = ['callers', 'answering', 'troupe-coordinator'];
  installation = await KafkaAndRegistry.open({ sagas: [phoneCall], groups });
  for (const role of ['service', 'coordinator']) {
    const folder = await mkdtemp(join(installation.folder, `${role}-`));
    const started = await startServerProcess({
      name: role,
      command: process.execPath,
      args: [join(import.meta.dirname, 'quiet-process.ts')],
      env: { ...installation.environment, ROLE: role },
      folder,
      removedAfterCrash: installation.folder,
      isReady: (log) => log.includes('takes part'),
    });
    processes.set(role, started);
  }
});

afterAll(async () => {
  for (const one of processes.values()) await one.kill();
  await installation?.close();
});

const logOf = async ({ logFile }: ServerProcess) => readFile(logFile, 'utf8');

test('a service and a coordinator without any server of their own live while all brokers are away', {
  timeout: 240_000,
}, async () => {
  const [broker] = installation.kafka.brokers;
  await broker?.kill();
  for (const [role, one] of processes) {
    await vi.waitUntil(async () => {
      const outages = (await logOf(one)).split('lost its brokers').length - 1;
      return one.hasEnded() || outages >= outagesSaidMin;
    }, patience);
    expect([role, one.hasEnded()]).toEqual([role, false]);
  }
  await broker?.restart();

  const callers = createService({
    ...installation.connect('callers'),
    name: 'callers',
    sagas: [phoneCall],
    handlers: [],
  });
  await vi.waitFor(() => callers.start(), patience);
  await callers.publish(new Called({ id: 'c-1' }));
  const log = await RawLog.follow(installation.brokers, ['troupe.sagas']);
  await vi.waitFor(() => {
    expect(new SagaLives(log.of('troupe.sagas')).phaseOf('c-1')).toBe('completed');
  }, patience);
  await log.stop();
  await callers.stop();
});

test('and end by themselves when they have stopped', async () => {
  for (const [role, one] of processes) {
    process.kill(one.pid, 'SIGTERM');
    await vi.waitUntil(() => one.hasEnded(), patience);
    expect([role, (await logOf(one)).trimEnd().split('\n').at(-1)]).toEqual([role, 'has stopped']);
  }
});
