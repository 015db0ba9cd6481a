import { currentTracing } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from '../participant/database-inbox.ts';
import { order, stockIn } from '../participant/handlers.ts';
import { ParticipantWorld } from '../participant/participant-world.ts';
import { StockReserved } from '../participant/shop.ts';
import { RecordedSpans } from './recorded-spans.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const headers = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
  baggage: 'tenant=acme',
};

describe('a process without a tracing SDK', () => {
  it('passes the context on unchanged, so that the trace is not cut', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(order('1'), { headers });
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of(StockReserved)[0]?.headers).toMatchObject(headers);
  });

  it('passes nothing on that is no text, or too long', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const bad = { traceparent: Uint8Array.of(0xff), tracestate: 'x'.repeat(9_000) };
    await world.send(order('1'), { headers: { ...bad, baggage: 'tenant=acme' } });
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    const names = Object.keys(world.of(StockReserved)[0]?.headers ?? {});
    expect(names.filter((name) => name.startsWith('trace'))).toEqual([]);
    expect(names).toContain('baggage');
  });

  it('is noticed once, and an SDK that starts later is used by what starts later', async () => {
    const before = currentTracing();
    const spans = new RecordedSpans();
    spans.start();
    const message = { topic: 'a', id: '1', correlationId: '1', bodyBytes: 1 };
    before.send(message).end();
    expect(spans.all).toEqual([]);
    currentTracing().send(message).end();
    expect(spans.all.length).toBe(1);
    await spans.stop();
  });
});
