import { placeOrder } from '@shop/contracts';
import { shopGroups } from '@shop/demo';
import { greylistingDomain, type OrderRequest } from '@shop/order';
import { testCards } from '@shop/payment';
import type { ServerProcess } from '@troupe/infra';
import { jaeger, jaegerMissing } from '@troupe/infra/test-servers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RawLog } from '../e2e/raw-log.ts';
import { SagaLives } from '../e2e/saga-lives.ts';
import { portIn, type ServiceName, startService } from '../e2e/service-process.ts';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { type JaegerSpan, JaegerTrace } from './jaeger-trace.ts';

const services: readonly ServiceName[] = [
  'troupe-coordinator',
  'order',
  'inventory',
  'payment',
  'shipping',
];
const patience = { timeout: 30_000, interval: 100 };

/** Completes, after the card provider and the mail server have each turned the first attempt away. */
const completedOrder = {
  orderId: 'trace-completed',
  customer: { name: 'Ada', email: `ada@${greylistingDomain}` },
  lines: [{ sku: 'prop-sword', quantity: 1, unitCents: 27_40 }],
  cardToken: testCards.flaky,
  shipTo: { street: 'Rue 1', postcode: '75001', city: 'Paris', country: 'FR' },
} satisfies OrderRequest;

/** Shipping refuses: what was reserved and charged is undone. */
const refusedOrder = {
  ...completedOrder,
  orderId: 'trace-compensated',
  cardToken: testCards.approved,
  shipTo: { ...completedOrder.shipTo, country: 'AQ' },
} satisfies OrderRequest;

describe.skipIf(jaegerMissing() !== undefined)('the trace of a saga, read back from Jaeger', () => {
  let installation: KafkaAndRegistry;
  let log: RawLog;
  let processes: readonly ServerProcess[] = [];

  beforeAll(async () => {
    installation = await KafkaAndRegistry.open({ sagas: [placeOrder], groups: shopGroups });
    const { folder } = installation;
    const environment = {
      ...installation.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger().otlpEndpoint,
    };
    processes = await Promise.all(
      services.map((name) => startService(name, { folder, environment })),
    );
    log = await RawLog.follow(installation.brokers, ['shop.orders', 'troupe.sagas']);
  });

  afterAll(async () => {
    await log?.stop();
    await Promise.all(processes.map((one) => one.stop()));
    await installation?.close();
  });

  async function place(order: OrderRequest & { readonly orderId: string }): Promise<void> {
    const orderService = processes[services.indexOf('order')];
    if (orderService === undefined) throw new Error('the order service does not run');
    const port = await portIn(orderService, 'orders are taken on port');
    const response = await fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    expect([response.status, await response.json()]).toEqual([202, { orderId: order.orderId }]);
  }

  /** The trace of an order whose saga has this end, once Jaeger has as many spans of it as expected. */
  async function traceOf(orderId: string, end: string, spans: number): Promise<JaegerTrace> {
    await vi.waitFor(() => {
      expect(new SagaLives(log.of('troupe.sagas')).phaseOf(orderId)).toBe(end);
    }, patience);
    const [placed] = log.of('shop.orders').filter(({ key }) => key === orderId);
    const traceId = /^00-([0-9a-f]{32})-/.exec(placed?.headers['traceparent'] ?? '')?.[1];
    expect(traceId).toBeDefined();
    return vi.waitFor(async () => {
      const trace = await JaegerTrace.read(jaeger().queryUrl, traceId ?? '');
      expect(trace.spans.map((span) => trace.pathOf(span)).sort()).toHaveLength(spans);
      return trace;
    }, patience);
  }

  /** The paths of all spans below `top`, from there, sorted. */
  function pathsBelow(trace: JaegerTrace, top: JaegerSpan): readonly string[] {
    const from = trace.pathOf(top);
    return trace.spans
      .map((span) => trace.pathOf(span))
      .filter((path) => path.startsWith(`${from} > `))
      .map((path) => path.slice(from.length + 3))
      .sort();
  }

  describe('of an order that is completed', () => {
    let trace: JaegerTrace;
    beforeAll(async () => {
      await place(completedOrder);
      trace = await traceOf(completedOrder.orderId, 'completed', 19);
    });

    test('is one tree: one trace id, one root, no span without its parent', () => {
      expect(new Set(trace.spans.map(({ traceId }) => traceId)).size).toBe(1);
      expect(trace.orphans).toEqual([]);
      const roots = trace.spans.filter(({ parentId }) => parentId === undefined);
      expect(roots.map((root) => trace.pathOf(root))).toEqual(['order: send shop.orders']);
      expect([...new Set(trace.spans.map(({ service }) => service))].sort()).toEqual(
        [...services].sort(),
      );
    });

    test('shows each step from its trigger to its outcome, retries and all', () => {
      const [root] = trace.spans.filter(({ parentId }) => parentId === undefined);
      const below = root === undefined ? [] : pathsBelow(trace, root);
      const [inventory, payment] = [
        'inventory: process shop.orders',
        'payment: process shop.orders',
      ];
      expect(below.filter((path) => !path.includes('troupe.requests'))).toEqual([
        inventory,
        `${inventory} > inventory: execute reserve-stock`,
        `${inventory} > inventory: send shop.stock`,
        payment,
        `${payment} > payment: execute charge-payment`,
        `${payment} > payment: execute charge-payment`,
        `${payment} > payment: send shop.payment`,
        'troupe-coordinator: saga place-order',
      ]);
    });

    test('shows the join, which the coordinator asks for because of its last input', () => {
      const [join] = trace.named('send troupe.requests', 'troupe-coordinator');
      const parent = join && trace.parentOf(join);
      // There is no order over topics: the last one that the coordinator reads may be the start.
      expect(parent?.name).toMatch(/^send shop\.(stock|payment|orders)$/);
      expect(join?.tags).toMatchObject({
        'span.kind': 'producer',
        'troupe.step': 'ship-order',
        'messaging.message.conversation_id': completedOrder.orderId,
      });
      const ship = 'shipping: process troupe.requests';
      const shipped = `${ship} > shipping: send shop.shipping`;
      const notify = `${shipped} > order: process shop.shipping`;
      const booked = `${shipped} > inventory: process shop.shipping`;
      expect(join === undefined ? [] : pathsBelow(trace, join)).toEqual([
        ship,
        `${ship} > shipping: execute ship-order`,
        shipped,
        booked,
        `${booked} > inventory: handle shop.shipping.OrderShipped`,
        notify,
        `${notify} > order: execute notify-customer`,
        `${notify} > order: execute notify-customer`,
        `${notify} > order: send shop.orders`,
      ]);
    });

    test('marks the attempts that failed as errors, and nothing else', () => {
      const failed = trace.spans.filter(({ tags }) => tags['error'] === true);
      expect(failed.map(({ name }) => name).sort()).toEqual([
        'execute charge-payment',
        'execute notify-customer',
      ]);
      for (const span of failed) {
        expect(span.tags).toMatchObject({ 'otel.status_code': 'ERROR', 'troupe.attempt': 1 });
        expect(span.tags['error.type']).toBeDefined();
        expect(span.events.map(({ name }) => name)).toEqual(['exception']);
      }
      const [, second] = trace
        .named('execute charge-payment')
        .toSorted((a, b) => a.startUs - b.startUs);
      expect(second?.tags['troupe.attempt']).toBe(2);
    });

    test('has the attributes of the messaging conventions on every message', () => {
      const messages = trace.spans.filter(({ name }) => /^(send|process) /.test(name));
      expect(messages.length).toBe(11);
      for (const { name, tags } of messages) {
        const [operation, topic] = name.split(' ');
        expect(tags).toMatchObject({
          'messaging.system': 'kafka',
          'messaging.operation.type': operation,
          'messaging.operation.name': operation,
          'messaging.destination.name': topic,
          'messaging.message.conversation_id': completedOrder.orderId,
          'span.kind': operation === 'send' ? 'producer' : 'consumer',
          'otel.scope.name': '@troupe/core',
        });
        expect(tags['messaging.message.id']).toEqual(expect.any(String));
        expect(tags['messaging.message.body.size']).toBeGreaterThan(0);
        if (operation === 'process') {
          expect(tags['messaging.consumer.group.name']).toEqual(expect.any(String));
          expect(tags['messaging.kafka.offset']).toEqual(expect.any(Number));
          expect(tags['messaging.destination.partition.id']).toMatch(/^\d+$/);
        }
      }
    });

    test('has a span of the whole saga, with its outcome', () => {
      const [saga, ...others] = trace.named('saga place-order', 'troupe-coordinator');
      expect(others).toEqual([]);
      expect(saga?.tags).toMatchObject({
        'troupe.outcome': 'completed',
        'troupe.saga': expect.stringMatching(/^place-order@1#/),
        'messaging.message.conversation_id': completedOrder.orderId,
      });
      const [last] = trace.named('execute notify-customer').toSorted((a, b) => b.endUs - a.endUs);
      // Times of brokers and processes of one machine, in whole milliseconds.
      expect(saga?.endUs).toBeGreaterThanOrEqual((last?.endUs ?? Infinity) - 1_000);
    });
  });

  describe('of an order that is compensated', () => {
    let trace: JaegerTrace;
    beforeAll(async () => {
      await place(refusedOrder);
      trace = await traceOf(refusedOrder.orderId, 'compensated', 20);
    });

    test('is one tree with one root', () => {
      expect(new Set(trace.spans.map(({ traceId }) => traceId)).size).toBe(1);
      expect(trace.orphans).toEqual([]);
      const roots = trace.spans.filter(({ parentId }) => parentId === undefined);
      expect(roots.map((root) => trace.pathOf(root))).toEqual(['order: send shop.orders']);
    });

    test('shows the compensations below the refusal that dooms the saga', () => {
      const [refusal] = trace.named('send shop.shipping', 'shipping');
      const ask = 'troupe-coordinator: send troupe.requests';
      const undo = (service: string, step: string, topic: string) => [
        `${ask} > ${service}: process troupe.requests`,
        `${ask} > ${service}: process troupe.requests > ${service}: compensate ${step}`,
        `${ask} > ${service}: process troupe.requests > ${service}: send ${topic}`,
      ];
      expect(refusal === undefined ? [] : pathsBelow(trace, refusal)).toEqual(
        [
          ask,
          ask,
          ...undo('inventory', 'reserve-stock', 'shop.stock'),
          ...undo('payment', 'charge-payment', 'shop.payment'),
        ].sort(),
      );
    });

    test('marks the rejection, which is no error', () => {
      const [refusal] = trace.named('send shop.shipping', 'shipping');
      const process = refusal && trace.parentOf(refusal);
      expect(refusal?.tags).toMatchObject({
        'troupe.outcome': 'rejected',
        'troupe.step': 'ship-order',
      });
      expect(process?.tags['troupe.outcome']).toBe('rejected');
      expect(trace.spans.filter(({ tags }) => tags['error'] === true)).toEqual([]);
      const outcomes = trace
        .named('process troupe.requests')
        .map(({ tags }) => tags['troupe.outcome']);
      expect(outcomes.sort()).toEqual(['compensated', 'compensated', 'rejected']);
    });

    test('has a span of the whole saga, which says why it was undone', () => {
      const [saga, ...others] = trace.named('saga place-order', 'troupe-coordinator');
      expect(others).toEqual([]);
      expect(saga?.tags).toMatchObject({
        'troupe.outcome': 'compensated',
        'troupe.cause': 'rejected',
        'troupe.step': 'ship-order',
      });
      expect(saga?.tags['error']).toBeUndefined();
    });
  });
});
