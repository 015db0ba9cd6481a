import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Coordinator } from '@troupe/coordinator';
import { type Clock, type OutgoingRecord, systemClock } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { schemaRegistryUrl } from '@troupe/infra/test-servers';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startService } from '../e2e/service-process.ts';
import type { SeenRecord } from '../installations/followed-log.ts';
import { KafkaInstallation } from '../installations/kafka-installation.ts';
import type { StartCoordinator } from '../installations/observed-installation.ts';
import { Answered, Asked, limitMs, question } from './question-saga.ts';

const hourMs = 3_600_000;
const patience = { timeout: 60_000, interval: 50 };

let troupe: KafkaInstallation;
let folder: string;
/** What one test has started. */
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-timers-'));
  const registry = createRegistryClient({ url: schemaRegistryUrl() });
  troupe = await KafkaInstallation.start(question, {
    partitions: 1,
    serde: createAvroSerde({ registry }),
  });
  await troupe.define();
});
afterAll(async () => {
  await troupe?.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const part of running.splice(0)) await part.stop();
});

/** With one send, so that the broker appends all of it at the same time. */
const sendTogether = (...records: OutgoingRecord[]) => troupe.send(...records);
const asked = (id: string) => troupe.recordOf(new Asked({ id }));
const answered = (id: string) => troupe.recordOf(new Answered({ id }));

/** A question that is answered at once, and one that nobody answers. */
async function ask(name: string): Promise<void> {
  const kept = `${name}: kept`;
  await sendTogether(await asked(kept), await asked(`${name}: missed`), await answered(kept));
}

/** When the broker appended what this topic has of it; undefined until that was read. */
function appendedMs(topic: string, id: string): number | undefined {
  const found = troupe.records.find((record) => record.topic === topic && record.key === id);
  return found?.timestampMs;
}

/** By the broker's clock; no number as long as one of them was not read. */
function answeredAfterMs(id: string): number {
  const untilMs = appendedMs('clock.answers', id) ?? Number.NaN;
  return untilMs - (appendedMs('clock', id) ?? Number.NaN);
}

/** Resolves when the broker's clock says that the limits of everything asked so far have passed. */
async function limitsHavePassed(): Promise<void> {
  const tick = async () => {
    const ticks = ({ key }: SeenRecord) => key === 'tick';
    const before = troupe.records.filter(ticks).length;
    await troupe.send({ topic: 'clock', key: 'tick', value: null, headers: {} });
    await vi.waitFor(() => {
      expect(troupe.records.filter(ticks).length).toBeGreaterThan(before);
    }, patience);
    return troupe.records.findLast(ticks)?.timestampMs ?? 0;
  };
  const untilMs = (await tick()) + limitMs;
  await vi.waitFor(async () => expect(await tick()).toBeGreaterThan(untilMs), patience);
}

const typesOf = (id: string) => troupe.lifeOf(id).map(({ type }) => type);

/** It came in time, and that is what the saga heard. */
async function wasKept(id: string): Promise<void> {
  await vi.waitFor(() => expect([id, ...typesOf(id)]).toContain('saga-completed'), patience);
  expect([id, ...typesOf(id)]).not.toContain('step-timed-out');
  expect(answeredAfterMs(id)).toBeLessThan(limitMs);
}

/** It was found out that nobody came, once, and not before it was true by the clock of the broker. */
async function wasMissed(id: string): Promise<void> {
  await vi.waitFor(() => expect([id, ...typesOf(id)]).toContain('step-timed-out'), patience);
  expect(typesOf(id).filter((type) => type === 'step-timed-out')).toHaveLength(1);
  const told = troupe.records.find(
    ({ topic, key, value }) =>
      topic === internalTopics.sagas && key === id && String(value).includes('step-timed-out'),
  );
  const dueMs = (appendedMs('clock', id) ?? Number.NaN) + limitMs;
  expect(told?.timestampMs).toBeGreaterThanOrEqual(dueMs);
}

/** In time or not: that depends on how busy the machine is. */
async function wasAnswered(id: string): Promise<void> {
  await vi.waitFor(() => expect([id, ...typesOf(id)]).toContain('step-succeeded'), patience);
}

async function wereJudgedRightly(name: string): Promise<void> {
  await wasMissed(`${name}: missed`);
  await wasKept(`${name}: kept`);
}

describe('rule 11: no time limit passes before all is known that came in time, and none is missed', {
  timeout: 120_000,
}, () => {
  test('no coordinator for longer than every limit', async () => {
    await ask('away');
    await limitsHavePassed();
    await startCoordinator();
    await wereJudgedRightly('away');
  });

  test('a backlog in the one topic that has the answer, while all others are read at once', async () => {
    const value = Buffer.alloc(200);
    const backlog = Array.from({ length: 20_000 }, (_, index) => ({
      topic: 'clock.answers',
      key: `other ${index}`,
      value,
      headers: {},
    }));
    await troupe.send(...backlog);
    await ask('backlog');
    await limitsHavePassed();
    await startCoordinator({ limits: { bufferedRecordsMax: 100 } });
    await wereJudgedRightly('backlog');
  });

  test('a participant that sleeps: its lag counts, and what it says later is heard', async () => {
    await startCoordinator();
    const participant = await startParticipant();
    await troupe.publish(new Asked({ id: 'awake' }));
    await wasAnswered('awake');
    participant.pause();
    await troupe.publish(new Asked({ id: 'asleep' }));
    await wasMissed('asleep');
    participant.resume();
    // It was told meanwhile that it need not answer any more, and may have heard that first.
    await vi.waitFor(() => {
      const since = typesOf('asleep').indexOf('step-timed-out');
      expect(typesOf('asleep').slice(since).join()).toMatch(/step-(succeeded|skipped)/);
    }, patience);
    await troupe.publish(new Asked({ id: 'awake again' }));
    await wasAnswered('awake again');
  });

  test.each([
    ['longer than its session', '1000'],
    ['and keeps its session', '30000'],
  ])('a coordinator that sleeps for longer than every limit, %s', async (_, session) => {
    const name = `session of ${session}`;
    const coordinator = await startService('troupe-coordinator', {
      folder,
      environment: {
        KAFKA_BROKERS: troupe.kafka.bootstrapServers,
        SCHEMA_REGISTRY_URL: schemaRegistryUrl(),
        SESSION_TIMEOUT_MS: session,
      },
    });
    running.push(coordinator);
    const begun = await sleepsWhileAnswered(coordinator, name);
    await ask(name);
    await limitsHavePassed();
    coordinator.resume();
    await wasKept(begun);
    await wereJudgedRightly(name);
  });

  test.each([
    ['forward', hourMs],
    ['back', -hourMs],
  ])('a clock of the coordinator that is set %s by an hour', async (direction, jumpMs) => {
    let setMs = 0;
    const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + setMs };
    await startCoordinator({ clock });
    await ask(`${direction}, before`);
    setMs = jumpMs;
    await ask(`${direction}, after`);
    await wereJudgedRightly(`${direction}, before`);
    await wereJudgedRightly(`${direction}, after`);
  });

  test('an open transaction of another producer, behind which the answer lies: seen in the health, and waited for', async () => {
    const stranger = new Kafka({
      brokers: [...troupe.brokers],
      logLevel: logLevel.NOTHING,
    }).producer({
      transactionalId: 'stranger',
      transactionTimeout: 5 * 60_000,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await stranger.connect();
    const coordinator = await startCoordinator({ limits: { standstillMs: 500 } });
    const transaction = await stranger.transaction();
    await transaction.send({
      topic: 'clock.answers',
      messages: [{ key: 'stranger', value: null }],
    });
    await ask('held back');
    await limitsHavePassed();
    await vi.waitFor(() => {
      expect(coordinator.health()).toMatchObject({
        ready: true,
        problems: [
          {
            code: 'outage',
            subject: 'partition 0',
            message: expect.stringMatching(
              /clock\.answers-0 is read up to \d+ of \d+.*transaction/,
            ),
          },
        ],
      });
    }, patience);
    expect(typesOf('held back: kept')).toEqual(['saga-started']);
    expect(typesOf('held back: missed')).toEqual(['saga-started']);
    await transaction.abort();
    await wereJudgedRightly('held back');
    expect(coordinator.health().problems).toEqual([]);
    await stranger.disconnect();
  });
});

async function startCoordinator(options: StartCoordinator = {}): Promise<Coordinator> {
  const { coordinator } = await troupe.startCoordinator(options);
  running.push(coordinator);
  return coordinator;
}

/** A question that it has folded before it sleeps, so that its limit is due when it wakes, and not the answer. */
async function sleepsWhileAnswered(coordinator: ServerProcess, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const id = `${name}: begun ${attempt}`;
    await troupe.publish(new Asked({ id }));
    await vi.waitFor(() => expect(typesOf(id)).toHaveLength(1), patience);
    coordinator.pause();
    await troupe.publish(new Answered({ id }));
    await vi.waitFor(() => expect(answeredAfterMs(id)).toBeGreaterThanOrEqual(0), patience);
    // A busy machine may have taken too long for that.
    if (answeredAfterMs(id) < limitMs) return id;
    coordinator.resume();
  }
}

async function startParticipant(): Promise<ServerProcess> {
  const participant = await startServerProcess({
    name: 'the participant',
    command: process.execPath,
    args: [join(import.meta.dirname, 'answering-service.ts')],
    env: {
      KAFKA_BROKERS: troupe.kafka.bootstrapServers,
      SCHEMA_REGISTRY_URL: schemaRegistryUrl(),
    },
    folder: await mkdtemp(join(folder, 'participant-')),
    removedAfterCrash: folder,
    isReady: (log) => log.includes('takes part'),
  });
  running.push(participant);
  return participant;
}
