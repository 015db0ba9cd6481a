import { OrderPlaced, placeOrder } from '@shop/contracts';
import { orderAt, shopGroups } from '@shop/demo';
import { type OrderRequest, totalCentsOf } from '@shop/order';
import { testCards } from '@shop/payment';
import { type Coordinator, createCoordinator } from '@troupe/coordinator';
import { toGraph } from '@troupe/core';
import { sagaRef, writeMessageHeaders } from '@troupe/core/internal';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { OrderRun } from './order-run.ts';
import { RawLog } from './raw-log.ts';
import { RegistryProxy } from './registry-proxy.ts';
import { SagaLives } from './saga-lives.ts';
import { type ShopServices, startShopServices } from './shop-services.ts';

let installation: KafkaAndRegistry;
let registry: RegistryProxy;
let shop: ShopServices;
let coordinator: Coordinator;
let run: OrderRun;
const patience = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({ sagas: [placeOrder], groups: shopGroups });
  registry = await RegistryProxy.open(installation.registryUrl);
  const options = { registryUrl: registry.url };
  shop = await startShopServices(installation, options);
  coordinator = createCoordinator(installation.connect('troupe-coordinator', options));
  await coordinator.start();
  run = await OrderRun.open({
    connection: installation.connect('observer'),
    databases: shop.databases,
    place: (order) => vi.waitFor(() => shop.order.place(order), patience),
    count: 100,
    seed: 3,
    prefix: 'outage',
  });
});

afterAll(async () => {
  await run?.close();
  await coordinator?.stop();
  await shop?.stop();
  await registry?.goAway();
  await installation?.close();
});

const everybody = () => [...shop.all, coordinator].map((part) => part.health());

describe('a schema registry that is away', { timeout: 180_000 }, () => {
  beforeAll(() => registry.goAway());

  test('harms no order: the schemas of its events are known', async () => {
    run.place(20);
    await run.allEnded();
    expect((await run.audit()).faults.shown).toEqual([]);
    expect(everybody().map(({ ready }) => ready)).toEqual([true, true, true, true, true]);
  });

  test('makes an event of an unknown schema wait, it alone, until the registry is back', async () => {
    const log = await RawLog.follow(installation.brokers, ['troupe.sagas']);
    const phase = () => new SagaLives(log.of('troupe.sagas')).phaseOf('newer');
    const order = { ...orderAt(1, 0, 'newer'), orderId: 'newer', cardToken: testCards.approved };
    await sendAsNewerVersion(log, order);
    await vi.waitFor(() => {
      const problems = shop.inventory.health().problems.filter(({ code }) => code === 'outage');
      expect(problems.map(({ message }) => message).join()).toContain(registry.url);
    }, patience);
    // Others do not wait for it.
    run.place(20);
    await run.allEnded();
    expect(phase()).toBe('running');
    await registry.comeBack();
    await vi.waitFor(() => expect(phase()).toBe('completed'), patience);
    await vi.waitFor(() => expect(everybody().every(({ ready }) => ready)).toBe(true), patience);
    await log.stop();
  });

  /** As a producer that was deployed before everybody else: with a field that nobody knows yet. */
  async function sendAsNewerVersion(log: RawLog, order: OrderRequest & { orderId: string }) {
    const { serde } = installation.connect('newer-producer');
    await serde.prepare([OrderPlaced], AbortSignal.timeout(10_000));
    const { customer, lines, cardToken, shipTo, orderId } = order;
    const placed = new OrderPlaced({
      orderId,
      placedAt: new Date(),
      customer,
      lines,
      totalCents: totalCentsOf(lines),
      currency: 'EUR',
      cardToken,
      shipTo,
    });
    const framed = serde.encode(placed);
    const gift = { name: 'giftNote', type: 'string', default: '' };
    const schemaId = await registerWithField(Buffer.from(framed).readInt32BE(1), gift);
    const frame = Buffer.alloc(5);
    frame.writeInt32BE(schemaId, 1);
    // The new field is the last one: an empty string is one byte.
    const value = Buffer.concat([frame, framed.subarray(5), Buffer.alloc(1)]);
    const headers = writeMessageHeaders(
      {
        id: `placed-${orderId}`,
        source: 'newer-producer',
        type: OrderPlaced.eventName,
        correlationId: orderId,
        causationId: undefined,
        saga: sagaRef(toGraph(placeOrder)),
        step: undefined,
        attempt: 1,
        undoes: undefined,
      },
      Date.now(),
    );
    await log.send({ topic: OrderPlaced.topic, key: orderId, value, headers });
  }

  async function registerWithField(knownId: number, field: object): Promise<number> {
    const { registryUrl } = installation;
    const known = await fetch(`${registryUrl}/schemas/ids/${knownId}`);
    const { schema } = (await known.json()) as { schema: string };
    const record = JSON.parse(schema);
    const wider = JSON.stringify({ ...record, fields: [...record.fields, field] });
    const answer = await fetch(`${registryUrl}/subjects/${OrderPlaced.eventName}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: wider }),
    });
    const { id } = (await answer.json()) as { id: number };
    expect(id).toEqual(expect.any(Number));
    return id;
  }
});

describe('a broker that dies in the middle', { timeout: 240_000 }, () => {
  test('makes everybody wait, and say so; nothing is lost when it is back', async () => {
    const [broker] = installation.kafka.brokers;
    const before = run.ended;
    run.place(30);
    await run.hasEnded(before + 5);
    await broker?.kill();
    expect(run.open).toBeGreaterThan(0);
    run.place(30);
    await vi.waitFor(() => {
      const health = everybody();
      expect(health.map(({ live }) => live)).toEqual([true, true, true, true, true]);
      expect(health.some(({ ready }) => !ready)).toBe(true);
    }, patience);
    await broker?.restart();
    await run.allEnded();
    expect(run.ended).toBe(run.series.count);
    expect((await run.audit()).faults.shown).toEqual([]);
    await vi.waitFor(() => expect(everybody().every(({ ready }) => ready)).toBe(true), patience);
  });
});
