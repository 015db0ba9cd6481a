import { defineEvent, type Event, t } from '@troupe/core';
import { createInProcessRegistry } from '../registry/in-process-registry.ts';
import { createAvroSerde } from './avro-serde.ts';

/**
 * Nanoseconds for one event, of the usual kinds. Not part of any test run:
 * `node packages/schema-registry/src/serde/avro-serde.bench.ts`
 */
const Line = t.record('Line', { sku: t.string(), units: t.int(), cents: t.int() });

class OrderPlaced extends defineEvent('bench.OrderPlaced', {
  orderId: t.string().key(),
  sku: t.string(),
  cents: t.int(),
  note: t.string().optional(),
}) {}
class OrderOfLines extends defineEvent('bench.OrderOfLines', {
  orderId: t.string().key(),
  lines: t.array(Line),
}) {}
class OrderOfDates extends defineEvent('bench.OrderOfDates', {
  orderId: t.string().key(),
  placedAt: t.timestamp(),
  deliverOn: t.date(),
  total: t.decimal(12, 2),
}) {}
/** The first one as an older release has it: read through a resolver. */
class OldOrderPlaced extends defineEvent('bench.OrderPlaced', {
  orderId: t.string().key(),
  cents: t.int(),
}) {}

const runsMin = 20_000;
const measureMs = 400;

function nsOf(run: () => unknown): number {
  for (let index = 0; index < runsMin; index += 1) run();
  let runs = 0;
  const startMs = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < measureMs) {
    for (let index = 0; index < runsMin; index += 1) run();
    runs += runsMin;
    elapsedMs = performance.now() - startMs;
  }
  return Math.round((elapsedMs / runs) * 1e6);
}

const registry = createInProcessRegistry({ compatibility: 'NONE' });
const serde = createAvroSerde({ registry });
const old = createAvroSerde({ registry });
const { signal } = new AbortController();
await serde.prepare([OrderPlaced, OrderOfLines, OrderOfDates], signal);
await old.prepare([OldOrderPlaced], signal);

const orderId = '6f1c2a3e-9a3b-4e2e-8a41-2b0d6d6f0a11';
const placed = () => new OrderPlaced({ orderId, sku: 'sku-17', cents: 1299, note: 'fragile' });
const lines = Array.from({ length: 5 }, (_, index) => ({
  sku: `sku-${index}`,
  units: 1,
  cents: 99,
}));
const ofLines = () => new OrderOfLines({ orderId, lines });
const ofDates = () =>
  new OrderOfDates({ orderId, placedAt: new Date(), deliverOn: '2026-11-21', total: '12.50' });

function row(
  name: string,
  make: () => Event,
  readerClass: Parameters<typeof serde.decode>[1],
): string {
  const event = make();
  const bytes = serde.encode(event);
  const figures = [
    bytes.length,
    nsOf(make),
    nsOf(() => serde.encode(event)),
    nsOf(() => serde.decode(bytes, readerClass)),
  ];
  return [name.padEnd(24), ...figures.map((figure) => String(figure).padStart(10))].join('');
}

await old.decode(serde.encode(placed()), OldOrderPlaced);
const placedBytes = serde.encode(placed());
const resolved = nsOf(() => old.decode(placedBytes, OldOrderPlaced));
process.stdout.write(
  `${[
    `${'event'.padEnd(24)}     bytes   make ns encode ns decode ns`,
    row('4 fields', placed, OrderPlaced),
    row('5 lines of 3 fields', ofLines, OrderOfLines),
    row('date, time, decimal', ofDates, OrderOfDates),
    `${'4 fields, old reader'.padEnd(24)}${String(resolved).padStart(40)}`,
  ].join('\n')}\n`,
);
