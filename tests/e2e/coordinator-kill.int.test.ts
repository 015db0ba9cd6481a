import { placeOrder } from '@shop/contracts';
import { shopGroups } from '@shop/demo';
import type { CoordinatorHealth } from '@troupe/coordinator';
import { eventClassesOf } from '@troupe/core';
import type { ServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { OrderRun } from './order-run.ts';
import { RawLog } from './raw-log.ts';
import { SagaLives } from './saga-lives.ts';
import { portIn, startService } from './service-process.ts';
import { type ShopServices, startShopServices } from './shop-services.ts';

const partitions = 4;
const ordersOfEach = 200;
const inFlight = 50;
const domainTopics = [...new Set(eventClassesOf(placeOrder).map(({ topic }) => topic))];

let installation: KafkaAndRegistry;
let shop: ShopServices;
const coordinators: ServerProcess[] = [];
const runs: OrderRun[] = [];

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({
    sagas: [placeOrder],
    groups: shopGroups,
    partitions,
  });
  shop = await startShopServices(installation);
  await startCoordinator();
});

afterAll(async () => {
  await Promise.all(runs.map((run) => run.close()));
  await Promise.all(coordinators.map((coordinator) => coordinator.stop()));
  await shop?.stop();
  await installation?.close();
});

async function startCoordinator(): Promise<ServerProcess> {
  const { folder, environment } = installation;
  const coordinator = await startService('troupe-coordinator', {
    folder,
    environment: { ...environment, SESSION_TIMEOUT_MS: '3000' },
  });
  coordinators.push(coordinator);
  return coordinator;
}

async function openRun(prefix: string, seed: number): Promise<OrderRun> {
  const { databases, order } = shop;
  const run = await OrderRun.open({
    connection: installation.connect(prefix),
    databases,
    place: (request) => order.place(request),
    count: ordersOfEach,
    seed,
    prefix,
  });
  runs.push(run);
  return run;
}

/** Partitions of which a coordinator says that it has rebuilt them and goes on with them. */
async function partitionsLiveIn(coordinator: ServerProcess): Promise<number> {
  const port = await portIn(coordinator, 'health is told on port');
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  const { shards } = (await response.json()) as CoordinatorHealth;
  return shards.filter(({ phase }) => phase === 'live').length;
}

const patience = { timeout: 60_000, interval: 20 };

describe('200 orders', { timeout: 180_000 }, () => {
  test('end as their data says while the coordinator is killed and started again', async () => {
    const run = await openRun('killed', 11);
    run.place(inFlight);
    for (let ended = 1; ended <= 70; ended += 1) {
      await run.hasEnded(ended);
      run.place(run.ended + inFlight - run.placed);
    }
    await coordinators[0]?.kill();
    // Nobody is there now, and customers do not know it.
    run.place(inFlight);
    expect(run.open).toBeGreaterThan(inFlight);
    await startCoordinator();
    run.place(ordersOfEach);
    await run.allEnded();
    const { faults } = await run.audit();
    expect(faults.shown).toEqual([]);
    expect(run.ended).toBe(ordersOfEach);
  });

  test('end as their data says while a second coordinator joins and leaves', async () => {
    const [first] = coordinators.slice(-1);
    const run = await openRun('joined', 12);
    run.place(20);
    const starting = startCoordinator();
    // It joins at some moment while orders come in.
    const second = await whileOrdersComeIn(run, starting);
    await vi.waitFor(async () => {
      run.place(1);
      expect(await partitionsLiveIn(second)).toBe(partitions / 2);
    }, patience);
    run.place(inFlight);
    await run.hasEnded(run.placed - inFlight / 2);
    run.place(inFlight / 2);
    expect(run.open).toBeGreaterThan(0);
    await second.stop();
    run.place(ordersOfEach);
    await run.allEnded();
    expect(first === undefined ? 0 : await partitionsLiveIn(first)).toBe(partitions);
    const { faults } = await run.audit();
    expect(faults.shown).toEqual([]);
    expect(run.ended).toBe(ordersOfEach);
  });

  async function whileOrdersComeIn<T>(run: OrderRun, work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await vi.waitFor(() => {
      if (run.placed < ordersOfEach / 2) run.place(1);
      expect(isDone).toBe(true);
    }, patience);
    return done;
  }
});

describe('what is left in the log afterwards', () => {
  let log: RawLog;
  beforeAll(async () => {
    await Promise.all(runs.map((run) => run.close()));
    await Promise.all(coordinators.map((coordinator) => coordinator.stop()));
    await shop.stop();
    const deadLetters = shopGroups.map((group) => `${group}.dead-letter`);
    log = await RawLog.follow(installation.brokers, [
      ...domainTopics,
      ...deadLetters,
      'troupe.sagas',
      'troupe.outcomes',
      'troupe.requests',
    ]);
    await log.readToEnd();
  });
  afterAll(() => log?.stop());

  const orders = () => runs.flatMap(({ series }) => range(series.count).map((at) => series.at(at)));

  test('each saga started once, ended once, and folds to its end (I1, I10)', () => {
    const lives = new SagaLives(log.of('troupe.sagas'));
    expect(lives.repeated).toEqual([]);
    expect(lives.sagaIds.length).toBe(2 * ordersOfEach);
    for (const { orderId } of orders()) {
      const types = lives.typesOf(orderId);
      expect(types.filter((type) => type === 'saga-started')).toHaveLength(1);
      const ends = types.filter((type) => /^saga-(completed|compensated)$/.test(type));
      expect(ends).toHaveLength(1);
      expect(lives.phaseOf(orderId)).toBe(ends[0]?.slice('saga-'.length));
      // The end follows from the event before it, so it is not earlier.
      const [cause, end] = lives.eventsOf(orderId).slice(-2);
      expect(end?.type).toBe(ends[0]);
      expect(end?.atMs).toBeGreaterThanOrEqual(cause?.atMs ?? Infinity);
      // Nothing came that the definition does not expect, such as a second outcome.
      expect(lives.fold(orderId)?.deviations).toBe(0);
    }
  });

  test('each outcome has one id, and each id one outcome (I2)', () => {
    const outcomes = log
      .of(...domainTopics, 'troupe.outcomes')
      .filter(({ headers }) => headers['ce_step'] !== undefined);
    expect(outcomes.length).toBeGreaterThan(4 * ordersOfEach);
    const names = (records: typeof outcomes) =>
      new Set(
        records.map(({ key, value, headers }) => {
          const { ce_type: type, ce_step: step, ce_undoes: undoes } = headers;
          return [key, type, step, undoes, value?.toString('base64')].join(' ');
        }),
      );
    const byId = Map.groupBy(outcomes, ({ headers }) => headers['ce_id']);
    for (const [id, records] of byId) expect([id, names(records).size]).toEqual([id, 1]);
    expect(names(outcomes).size).toBe(byId.size);
    const effects = outcomes.map(
      ({ key, headers }) => `${key} ${headers['ce_step']} ${headers['ce_undoes']}`,
    );
    // No step said two things.
    expect(new Set(effects).size).toBe(byId.size);
  });

  test('nothing went to the dead letters', () => {
    const deadLetters = shopGroups.map((group) => `${group}.dead-letter`);
    expect(log.of(...deadLetters).map(({ headers }) => headers)).toEqual([]);
  });
});

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
