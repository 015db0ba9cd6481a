import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Jaeger, startJaeger } from '@troupe/infra';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTelemetry } from './start-telemetry.ts';

let jaeger: Jaeger;
beforeAll(async () => {
  jaeger = await startJaeger();
});
afterAll(() => jaeger?.stop());

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}
interface JaegerTrace {
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

/** The trace as Jaeger has it, as soon as it has `spans` of it. */
async function storedTrace(traceId: string, spans: number): Promise<JaegerTrace> {
  return vi.waitFor(
    async () => {
      const response = await fetch(`${jaeger.queryUrl}/api/traces/${traceId}`);
      const { data } = (await response.json()) as { readonly data: readonly JaegerTrace[] | null };
      const [stored] = data ?? [];
      if (stored?.spans.length !== spans) throw new Error(`it has ${stored?.spans.length} spans`);
      return stored;
    },
    { timeout: 20_000, interval: 100 },
  );
}

it('a trace over two services, joined by headers, is one trace in Jaeger', async () => {
  const telemetry = await startTelemetry({
    serviceName: 'telemetry-test',
    serviceVersion: '1.0.0',
    otlpEndpoint: jaeger.otlpEndpoint,
  });
  const tracer = trace.getTracer('test');
  const sent = tracer.startSpan('send shop', { kind: SpanKind.PRODUCER });
  const headers: Record<string, string> = {};
  context.with(trace.setSpan(context.active(), sent), () =>
    propagation.inject(context.active(), headers),
  );
  sent.end();
  const received = tracer.startSpan(
    'process shop',
    { kind: SpanKind.CONSUMER, attributes: { 'messaging.system': 'kafka' } },
    propagation.extract(context.active(), headers),
  );
  received.setStatus({ code: SpanStatusCode.ERROR, message: 'refused' }).end();
  const { traceId, spanId } = sent.spanContext();
  await telemetry.stop();

  const { spans, processes } = await storedTrace(traceId, 2);
  const child = spans.find(({ operationName }) => operationName === 'process shop');
  expect(child?.references).toMatchObject([{ refType: 'CHILD_OF', spanID: spanId }]);
  expect(child?.tags).toContainEqual(expect.objectContaining({ key: 'error', value: true }));
  expect(child?.tags).toContainEqual(
    expect.objectContaining({ key: 'messaging.system', value: 'kafka' }),
  );
  expect(Object.values(processes)[0]?.serviceName).toBe('telemetry-test');
});
