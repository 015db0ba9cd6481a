import { placeOrder } from '@shop/contracts';
import { shopGroups } from '@shop/demo';
import { toOrderPlaced } from '@shop/order';
import { createService, eventClassesOf, type Service } from '@troupe/core';
import type { ServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OrderRun } from '../e2e/order-run.ts';
import { RawLog, type RawRecord } from '../e2e/raw-log.ts';
import { SagaLives } from '../e2e/saga-lives.ts';
import { startService } from '../e2e/service-process.ts';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { databaseOf, hasBeenKilled, startDoomed } from './doomed-process.ts';
import { InventedRequests, inventedIn } from './invented-requests.ts';
import { type DoomedService, doomedServices, killPoints } from './kill-points.ts';
import { patientOrder } from './patient-order.ts';

const inFlight = 64;
const ordersMax = 20_000;
const domainTopics = [...new Set(eventClassesOf(placeOrder).map(({ topic }) => topic))];
const deadLetterTopics = shopGroups.map((group) => `${group}.dead-letter`);

let installation: KafkaAndRegistry;
let coordinator: ServerProcess;
let customers: Service;
let run: OrderRun;
let invented: InventedRequests;
const services: ServerProcess[] = [];

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({ sagas: [placeOrder], groups: shopGroups });
  const { folder, environment } = installation;
  coordinator = await startService('troupe-coordinator', { folder, environment });
  customers = createService({
    ...installation.connect('customers'),
    name: 'customers',
    sagas: [patientOrder],
    handlers: [],
  });
  await customers.start();
  invented = new InventedRequests(installation.connect('nobody'));
  await invented.open();
  const database = (service: DoomedService) => databaseOf(installation, service);
  run = await OrderRun.open({
    connection: installation.connect('observer'),
    databases: {
      order: database('order'),
      inventory: database('inventory'),
      payment: database('payment'),
      shipping: database('shipping'),
    },
    place: (request) => {
      const { orderId = '' } = request;
      const placed = toOrderPlaced(request, orderId, new Date());
      return customers.publish(placed, { id: `placed-${orderId}` });
    },
    count: ordersMax,
    seed: 5,
    prefix: 'killed',
  });
});

afterAll(async () => {
  await run?.close();
  await Promise.all(services.map((service) => service.stop()));
  await customers?.stop();
  await invented?.close();
  await coordinator?.stop();
  await installation?.close();
});

/** Lets orders flow, `inFlight` of them at a time, until `work` has ended. */
async function whileOrdersFlow(work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  while (!isOver) {
    run.place(inFlight - run.open);
    await invented.send();
    await vi.waitUntil(() => isOver || run.open < inFlight, { timeout: 120_000, interval: 20 });
  }
  await over;
}

/** Each point once, each service beginning at another one; the passage is in the middle of the flow. */
async function killAtEveryPoint(service: DoomedService): Promise<void> {
  const first = doomedServices.indexOf(service) * 4;
  for (const at of killPoints.keys()) {
    const point = killPoints[(at + first) % killPoints.length];
    if (point === undefined) throw new RangeError(`no point ${at}`);
    const doom = { point, passage: 1 + ((at * 5 + first) % 7) };
    await hasBeenKilled(await startDoomed(installation, service, { doom }), service, point);
  }
  services.push(await startDoomed(installation, service));
}

describe('every service of the shop, killed at every point under load', {
  timeout: 600_000,
}, () => {
  test('leaves books that balance: each order ends as its data says, and nothing happened twice', async () => {
    await whileOrdersFlow(Promise.all(doomedServices.map(killAtEveryPoint)));
    await run.allEnded();
    const { faults, totals } = await run.audit();
    expect(faults.shown).toEqual([]);
    expect(totals.chargedCents).toBeGreaterThan(0);
    expect(totals.refundedCents).toBeGreaterThan(0);
  });

  describe('and in the log afterwards', () => {
    let log: RawLog;
    beforeAll(async () => {
      await Promise.all([...services, coordinator].map((process) => process.stop()));
      log = await RawLog.follow(installation.brokers, [
        ...domainTopics,
        ...deadLetterTopics,
        'troupe.sagas',
        'troupe.outcomes',
      ]);
      await log.readToEnd();
    }, 60_000);
    afterAll(() => log?.stop());

    test('outcomes were sent again, and said the same each time (I2)', () => {
      const outcomes = log
        .of(...domainTopics, 'troupe.outcomes')
        .filter(({ headers }) => headers['ce_step'] !== undefined);
      const byId = Map.groupBy(outcomes, ({ headers }) => headers['ce_id']);
      expect(outcomes.length).toBeGreaterThan(byId.size);
      const told = ({ key, value, headers }: RawRecord) =>
        [key, headers['ce_type'], headers['ce_step'], value?.toString('base64')].join(' ');
      const doubtful = [...byId.values()].filter((same) => new Set(same.map(told)).size > 1);
      expect(doubtful.flat().map(({ headers }) => headers)).toEqual([]);
      const effects = outcomes.map(({ key, headers }) =>
        [key, headers['ce_step'], headers['ce_undoes']].join(' '),
      );
      // No step said two things.
      expect(new Set(effects).size).toBe(byId.size);
    });

    test('each saga started once and ended once, without a deviation (I1, I3)', () => {
      const lives = new SagaLives(log.of('troupe.sagas'));
      for (let at = 0; at < run.placed; at += 1) {
        const { orderId } = run.series.at(at);
        const types = lives.typesOf(orderId);
        expect(types.filter((type) => type === 'saga-started')).toHaveLength(1);
        expect(types.filter((type) => /^saga-(completed|compensated)$/.test(type))).toHaveLength(1);
        expect(lives.fold(orderId)?.deviations).toBe(0);
      }
    });

    test('nothing but what nobody could read went to the dead letters (I7)', () => {
      const deadLetters = log.of(...deadLetterTopics);
      expect(deadLetters.length).toBeGreaterThan(0);
      expect(deadLetters.filter(({ headers }) => !inventedIn(headers))).toEqual([]);
    });
  });
});
