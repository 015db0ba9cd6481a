import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSagaRef } from '../sagas/graph/saga-graph.ts';
import { admit, isFault } from './admit.ts';
import { headerLimits, headerNames } from './header-names.ts';
import { type MessageHeaders, readMessageHeaders, writeMessageHeaders } from './message-headers.ts';

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.uint8Array({ minLength: 250, maxLength: 300 }),
  fc.string({ unit: 'binary' }).map((text) => Uint8Array.from(Buffer.from(text, 'utf8'))),
  fc
    .constantFrom('1', 'a.B', 'place-order@1#12345678', '0', '-1', '1e9', '\u0000')
    .map((text) => Uint8Array.from(Buffer.from(text))),
);
const anyHeaders = fc.dictionary(
  fc.oneof(fc.constantFrom(...Object.values(headerNames)), fc.string()),
  anyBytes,
  { noNullPrototype: true },
);
const anyKey = fc.option(anyBytes, { nil: null });
const none = { get: () => undefined };

describe('any bytes', () => {
  it('are read or give a fault, and never throw', () => {
    fc.assert(
      fc.property(anyHeaders, anyKey, (headers, key) => {
        const read = readMessageHeaders(headers, key);
        if (isFault(read)) {
          expect(read.fault.length).toBeGreaterThan(10);
          return;
        }
        // What was let in is what everybody may rely on.
        expect(read.correlationId).toBe(Buffer.from(key ?? []).toString('utf8'));
        expect(Number.isSafeInteger(read.attempt) && read.attempt > 0).toBe(true);
        if (read.saga !== undefined) expect(parseSagaRef(read.saga)).toBeDefined();
        for (const text of [read.id, read.type, read.correlationId]) {
          expect(text.isWellFormed()).toBe(true);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(headerLimits.idBytesMax);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('are admitted or refused by the same rule', () => {
    fc.assert(
      fc.property(anyHeaders, anyKey, (headers, key) => {
        const read = readMessageHeaders(headers, key);
        const { kind } = admit(headers, key, none);
        if (isFault(read)) expect(kind).toBe('refused');
        else expect(kind).toBe(read.saga === undefined ? 'outside' : 'unknown-saga');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('headers that are written', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    // What a definition, an id or a key may be made of.
    .filter((one) => !/[\p{Cc}\ufffd]/u.test(one) && Buffer.byteLength(one) <= 256);
  const maybe = fc.option(text, { nil: undefined });
  const headers = fc.record<MessageHeaders>({
    id: text,
    source: text,
    type: text,
    correlationId: text,
    causationId: maybe,
    saga: fc.constantFrom(undefined, 'place-order@1#9f86d081', 'a@999#0123456789abcdef'),
    step: maybe,
    attempt: fc.integer({ min: 1, max: 1_000_000 }),
    undoes: maybe,
  });

  it('come back', () => {
    fc.assert(
      fc.property(headers, fc.nat(), (written, timeMs) => {
        const raw = Object.fromEntries(
          Object.entries(writeMessageHeaders(written, timeMs)).map(([name, value]) => [
            name,
            Uint8Array.from(Buffer.from(value)),
          ]),
        );
        const key = Uint8Array.from(Buffer.from(written.correlationId));
        expect(readMessageHeaders(raw, key)).toEqual(written);
      }),
      { numRuns: 2_000 },
    );
  });
});
