import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { currentTracing } from '@troupe/core/internal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RecordedSpans } from './recorded-spans.ts';

const spans = new RecordedSpans();
beforeAll(() => spans.start());
afterAll(() => spans.stop());
beforeEach(() => spans.clear());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
const message = { topic: 'troupe.requests', id: 'r1', correlationId: '42', bodyBytes: 7 };

describe('what the coordinator traces', () => {
  it('a request, below a context that it had stored', () => {
    const send = currentTracing().send(message, parent);
    send.end();
    const [span] = spans.named('send troupe.requests');
    expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(send.headers['traceparent']).toBe(`00-${traceId}-${span?.spanContext().spanId}-01`);
    expect(span?.attributes).toMatchObject({
      'messaging.message.id': 'r1',
      'messaging.message.body.size': 7,
    });
  });

  it('a request that could not be sent', () => {
    currentTracing().send(message, parent).end(new Error('no broker'));
    const [span] = spans.named('send troupe.requests');
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no broker' });
    expect(span?.events.map(({ name }) => name)).toEqual(['exception']);
  });

  it.each([
    ['completed', SpanStatusCode.UNSET],
    ['compensated', SpanStatusCode.UNSET],
    ['stuck', SpanStatusCode.ERROR],
  ] as const)('a saga that is %s, from its start to its end', (outcome, status) => {
    currentTracing().saga({
      saga: 'place-order@1#9f86d081',
      correlationId: '42',
      startMs: 1_800_000_000_000,
      endMs: 1_800_000_003_500,
      outcome,
      cause: outcome === 'completed' ? undefined : 'rejected',
      step: outcome === 'completed' ? undefined : 'ship-order',
      deviations: outcome === 'stuck' ? 2 : 0,
      parent,
    });
    const [span] = spans.named('saga place-order');
    expect(span?.kind).toBe(SpanKind.INTERNAL);
    expect(span?.spanContext().traceId).toBe(traceId);
    expect(span?.startTime).toEqual([1_800_000_000, 0]);
    expect(span?.endTime).toEqual([1_800_000_003, 500_000_000]);
    expect(span?.status.code).toBe(status);
    expect(span?.attributes).toEqual({
      'troupe.saga': 'place-order@1#9f86d081',
      'troupe.outcome': outcome,
      'messaging.message.conversation_id': '42',
      ...(outcome === 'completed'
        ? {}
        : { 'troupe.cause': 'rejected', 'troupe.step': 'ship-order' }),
      ...(outcome === 'stuck' ? { 'troupe.deviations': 2 } : {}),
    });
  });
});
