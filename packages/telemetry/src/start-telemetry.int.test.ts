import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type Clock, type Logger, silentLogger, systemClock } from '@troupe/core';
import { afterEach, expect, it } from 'vitest';
import { startTelemetry, type Telemetry } from './start-telemetry.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Collector {
  readonly endpoint: string;
  readonly exports: { readonly path: string; readonly auth: unknown; readonly body: unknown }[];
  readonly server: Server;
}

/** A collector of one's own: what it was sent, as JSON. */
async function collector(answer = 200): Promise<Collector> {
  const exports: Collector['exports'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    exports.push({ path: request.url ?? '', auth: request.headers.authorization, body });
    response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { endpoint: `http://127.0.0.1:${port(server)}`, exports, server };
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function start(options: Parameters<typeof startTelemetry>[0]): Promise<Telemetry> {
  const telemetry = await startTelemetry(options);
  closing.push(() => telemetry.stop());
  return telemetry;
}

function span(name: string): void {
  trace
    .getTracer('test')
    .startSpan(name, { attributes: { key: 'x'.repeat(10_000) } })
    .end();
}

/** A logger that keeps what was warned of. */
function warnings(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const warn: Logger['warn'] = (message) => void lines.push(message);
  return { logger: { ...silentLogger, warn }, lines };
}

it('sends the spans that were ended before stop, with the resource of the service', async () => {
  const { endpoint, exports } = await collector();
  const telemetry = await start({
    serviceName: 'payment',
    serviceVersion: '1.2.3',
    otlpEndpoint: endpoint.replace('//', '//shop:secret@'),
    attributes: { 'deployment.environment.name': 'test' },
  });
  span('charge');
  await telemetry.stop();
  expect(exports).toMatchObject([{ path: '/v1/traces', auth: expect.stringMatching(/^Basic /) }]);
  const text = JSON.stringify(exports);
  for (const part of ['"charge"', '"payment"', '"1.2.3"', 'deployment.environment.name']) {
    expect(text).toContain(part);
  }
  expect(text).toContain('x'.repeat(4_096));
  expect(text).not.toContain('x'.repeat(4_097));
  expect(text).not.toContain('process.command');
});

it('propagates by W3C trace context and baggage', async () => {
  const { endpoint } = await collector();
  await start({ serviceName: 'payment', otlpEndpoint: endpoint });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const extracted = propagation.extract(ROOT_CONTEXT, { traceparent, baggage: 'a=1' });
  const carrier: Record<string, string> = {};
  context.with(extracted, () => propagation.inject(context.active(), carrier));
  expect(carrier).toEqual({ traceparent, baggage: 'a=1' });
});

it('does nothing without an endpoint', async () => {
  const telemetry = await start({ serviceName: 'payment' });
  expect(trace.getTracer('test').startSpan('a').isRecording()).toBe(false);
  await telemetry.stop();
});

it('records none of the new traces at a ratio of 0', async () => {
  const { endpoint, exports } = await collector();
  const telemetry = await start({ serviceName: 'p', otlpEndpoint: endpoint, sampleRatio: 0 });
  span('unsampled');
  await telemetry.stop();
  expect(exports).toEqual([]);
});

it('can be started again after stop, not twice at once', async () => {
  const { endpoint, exports } = await collector();
  for (const name of ['first', 'second']) {
    const telemetry = await start({ serviceName: 'payment', otlpEndpoint: endpoint });
    const again = startTelemetry({ serviceName: 'payment', otlpEndpoint: endpoint });
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    span(name);
    await telemetry.stop();
    await telemetry.stop();
  }
  expect(JSON.stringify(exports)).toMatch(/first.*second/);
  expect(trace.getTracer('test').startSpan('a').isRecording()).toBe(false);
});

it('uses an SDK that was registered before, and leaves it alone', async () => {
  const { endpoint, exports } = await collector();
  const own = await start({ serviceName: 'own', otlpEndpoint: endpoint });
  const { startTelemetry: startCopy } = await freshModule();
  const telemetry = await startCopy({ serviceName: 'payment', otlpEndpoint: 'http://127.0.0.1:9' });
  await telemetry.stop();
  span('still');
  await own.stop();
  expect(JSON.stringify(exports)).toContain('still');
});

/** Its waits are over at once; counts them. */
function hurriedClock(): { readonly clock: Clock; readonly sleptMs: number[] } {
  const sleptMs: number[] = [];
  const sleep: Clock['sleep'] = async (delayMs) => void sleptMs.push(delayMs);
  return { clock: { ...systemClock, sleep }, sleptMs };
}

it('harms nothing when the collector refuses connections: work goes on, and stop ends', async () => {
  const { endpoint, server } = await collector();
  await new Promise((resolve) => server.close(resolve));
  const { logger, lines } = warnings();
  const { clock } = hurriedClock();
  const telemetry = await start({ serviceName: 'payment', otlpEndpoint: endpoint, logger, clock });
  for (let count = 0; count < 20_000; count += 1) span('lost');
  expect(trace.getTracer('test').startSpan('works').isRecording()).toBe(true);
  await telemetry.stop();
  expect(lines).toEqual(['telemetry: the last traces were not sent']);
});

it('gives up at stop when the collector never answers', async () => {
  const server = createServer(() => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { logger, lines } = warnings();
  const { clock, sleptMs } = hurriedClock();
  const otlpEndpoint = `http://127.0.0.1:${port(server)}`;
  const telemetry = await start({ serviceName: 'payment', otlpEndpoint, logger, clock });
  span('never sent');
  await telemetry.stop();
  expect(sleptMs).toEqual([3_000]);
  expect(lines).toEqual(['telemetry: the last traces were not sent']);
});

/** The module once more, as another copy of the package in one process would be. */
async function freshModule(): Promise<typeof import('./start-telemetry.ts')> {
  const { vi } = await import('vitest');
  vi.resetModules();
  return import('./start-telemetry.ts');
}
