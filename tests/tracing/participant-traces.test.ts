import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NotDone, on } from '@troupe/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from '../participant/database-inbox.ts';
import { order, reserved, ship, stock, stockIn } from '../participant/handlers.ts';
import { ParticipantWorld } from '../participant/participant-world.ts';
import { Requests } from '../participant/requests.ts';
import { OrderPlaced, OrderShipped, StockRejected, StockReserved } from '../participant/shop.ts';
import { RecordedSpans } from './recorded-spans.ts';

const spans = new RecordedSpans();
let world: ParticipantWorld;
beforeAll(() => spans.start());
afterAll(() => spans.stop());
beforeEach(async () => {
  spans.clear();
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceParent = `00-${traceId}-b7ad6b7169203331-01`;

describe('the trace of a saga', () => {
  it('goes from its publisher through its steps, each below what caused it', async () => {
    const inbox = new DatabaseInbox();
    const listener = on(OrderShipped, async () => undefined);
    const service = await world.started({ inbox, handlers: [stockIn(inbox), ship(), listener] });
    await trace.getTracer('test').startActiveSpan('POST /orders', async (span) => {
      await service.publish(order('1'));
      span.end();
    });
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    // The coordinator asks for the join because of that outcome, in its trace.
    const { traceparent = '' } = world.of(StockReserved)[0]?.headers ?? {};
    const inputs = { order: order('1'), stock: reserved('1') };
    const request = new Requests(world.serde).run('1', 'ship-order', { inputs });
    await world.send(request, { step: 'ship-order', headers: { traceparent } });
    await world.until('all spans', () => spans.named('process shop').length === 2);
    const [root] = spans.named('POST /orders');
    expect(spans.tree(root?.spanContext().traceId ?? '')).toEqual([
      'POST /orders',
      '  send shop',
      '    process shop',
      '      execute reserve-stock',
      '      send stock',
      '        process troupe.requests',
      '          execute ship-order',
      '          send shop',
      '            process shop',
      '              handle shop.OrderShipped',
    ]);
  });

  it('begins anew where the header is malformed', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    for (const traceparent of ['00-zz', 'x'.repeat(10_000), Uint8Array.of(0xff, 0xfe)]) {
      const orderId = `${traceparent.length}`;
      await world.send(order(orderId), { headers: { traceparent } });
    }
    await world.until('all', () => spans.named('process shop').length === 3);
    for (const span of spans.named('process shop')) expect(span.parentSpanContext).toBeUndefined();
    const ids = new Set(spans.named('process shop').map((span) => span.spanContext().traceId));
    expect(ids.size).toBe(3);
    await world.until('all outcomes', () => world.of(StockReserved).length === 3);
  });

  it('keeps state and baggage on the way', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const headers = { traceparent: traceParent, tracestate: 'vendor=1', baggage: 'tenant=acme' };
    await world.send(order('1'), { headers });
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    const [outcome] = world.of(StockReserved);
    expect(outcome?.headers).toMatchObject({ tracestate: 'vendor=1', baggage: 'tenant=acme' });
    expect(outcome?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-`));
    expect(outcome?.headers['traceparent']).not.toBe(traceParent);
  });

  it('has what is recorded of one sending in that sending only', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const id = await world.send(order('1'), { headers: { traceparent: traceParent } });
    await world.send(order('1'), { id });
    await world.until('two', () => world.of(StockReserved).length === 2);
    const [first, second] = world.of(StockReserved);
    expect(second?.headers['traceparent']?.slice(3, 35)).not.toBe(traceId);
    expect(first?.headers['traceparent']?.slice(3, 35)).toBe(traceId);
  });
});

describe('the span of a record that is processed', () => {
  it('has the attributes that the messaging conventions name', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const id = await world.send(order('1'), { headers: { traceparent: traceParent } });
    await world.until('an outcome', () => spans.named('process shop').length === 1);
    const [processed] = spans.named('process shop');
    const [sent] = spans.named('send stock');
    await world.until('the outcome', () => world.of(StockReserved).length === 1);
    const record = world.of(OrderPlaced)[0]?.record;
    expect(processed?.kind).toBe(SpanKind.CONSUMER);
    expect(processed?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'shop',
      'messaging.destination.partition.id': String(record?.partition),
      'messaging.kafka.offset': Number(record?.offset),
      'messaging.consumer.group.name': 'stock',
      'messaging.message.id': id,
      'messaging.message.conversation_id': '1',
      'messaging.message.body.size': record?.value?.length,
      'troupe.outcome': 'succeeded',
    });
    expect(processed?.attributes['troupe.saga']).toMatch(/^place-order@1#/);
    expect(sent?.kind).toBe(SpanKind.PRODUCER);
    expect(sent?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'stock',
      'messaging.message.id': world.of(StockReserved)[0]?.headers['ce_id'],
      'messaging.message.conversation_id': '1',
      'troupe.step': 'reserve-stock',
      'troupe.outcome': 'succeeded',
    });
  });

  it('shows each attempt, and the errors of those that failed', async () => {
    const busy = stock(async ({ orderId }, { attempt }) => {
      if (attempt === 1) throw new Error('busy');
      return reserved(orderId);
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [busy] });
    await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    world.clock.advance(100);
    await world.until('an outcome', () => spans.named('process shop').length === 1);
    const attempts = spans.named('execute reserve-stock');
    expect(attempts.map(({ attributes }) => attributes['troupe.attempt'])).toEqual([1, 2]);
    expect(attempts.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
    ]);
    expect(attempts[0]?.events.map(({ name }) => name)).toEqual(['exception']);
    const [processed] = spans.named('process shop');
    expect(processed?.status.code).toBe(SpanStatusCode.UNSET);
    expect(processed?.events.map(({ name }) => name)).toEqual(['retry']);
  });

  it('is marked by a refusal, which is no error', async () => {
    const refuse = stock(async ({ orderId }) => new StockRejected({ orderId, reason: 'none' }));
    await world.started({ inbox: new DatabaseInbox(), handlers: [refuse] });
    await world.send(order('1'));
    await world.until('an outcome', () => spans.named('process shop').length === 1);
    const [processed] = spans.named('process shop');
    expect(processed?.attributes['troupe.outcome']).toBe('rejected');
    expect(processed?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('is an error when the step fails for good', async () => {
    const failing = stock(async () => {
      throw new NotDone('the shelf is gone');
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing] });
    await world.send(order('1'));
    await world.until('a failure', () => spans.named('process shop').length === 1);
    const [processed] = spans.named('process shop');
    expect(processed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'the shelf is gone' });
    expect(processed?.attributes).toMatchObject({
      'troupe.outcome': 'failed',
      'error.type': 'not-done',
    });
    expect(spans.named('send troupe.outcomes').length).toBe(1);
  });

  it('is there for a record that cannot be read', async () => {
    await world.started({ inbox: new DatabaseInbox(), handlers: [stock()] });
    await world.send(order('1'), { headers: { ce_id: '', traceparent: traceParent } });
    await world.until('a span', () => spans.named('process shop').length === 1);
    const [processed] = spans.named('process shop');
    expect(processed?.spanContext().traceId).toBe(traceId);
    expect(processed?.status.code).toBe(SpanStatusCode.ERROR);
  });
});

describe('a span that a handler begins', () => {
  it('is below its attempt, also after an await', async () => {
    const handler = stock(async ({ orderId }) => {
      await Promise.resolve();
      trace.getTracer('shop').startSpan('SELECT stock').end();
      expect(trace.getSpan(context.active())).toBeDefined();
      return reserved(orderId);
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [handler] });
    await world.send(order('1'), { headers: { traceparent: traceParent } });
    await world.until('an outcome', () => spans.named('process shop').length === 1);
    expect(spans.tree(traceId)).toEqual([
      'process shop',
      '  execute reserve-stock',
      '    SELECT stock',
      '  send stock',
    ]);
  });
});

describe('many sagas at once', () => {
  it('do not mix up, though their records travel together', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const ids = Array.from({ length: 50 }, (_, n) => (n + 1).toString(16).padStart(32, '0'));
    await Promise.all(
      ids.map((id) =>
        world.send(order(id), { headers: { traceparent: `00-${id}-b7ad6b7169203331-01` } }),
      ),
    );
    await world.until('all', () => spans.named('process shop').length === 50);
    for (const id of ids) {
      expect(spans.tree(id)).toEqual(['process shop', '  execute reserve-stock', '  send stock']);
    }
  });
});
