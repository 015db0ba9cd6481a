import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { headerLimits } from './header-names.ts';
import { type MessageHeaders, readMessageHeaders, writeMessageHeaders } from './message-headers.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** As a record arrives. */
function raw(headers: Readonly<Record<string, string | Uint8Array>>): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? bytes(value) : value,
    ]),
  );
}

const least = { ce_id: 'e1', ce_type: 'shop.OrderPlaced' };
const read = (headers: Readonly<Record<string, string | Uint8Array>>, key: string | null = '42') =>
  readMessageHeaders(raw({ ...least, ...headers }), key === null ? null : bytes(key));

const full: MessageHeaders = {
  id: 'e1',
  source: 'inventory',
  type: 'shop.StockReserved',
  correlationId: '42',
  causationId: 'e0',
  saga: 'place-order@1#9f86d081884c',
  step: 'reserve-stock',
  attempt: 3,
  undoes: 'e-1',
};

describe('the headers of a message', () => {
  it('are written as the CloudEvents Kafka binding says, in binary mode', () => {
    expect(writeMessageHeaders(full, Date.UTC(2026, 10, 21, 3, 4, 5, 678))).toEqual({
      ce_specversion: '1.0',
      ce_id: 'e1',
      ce_source: 'inventory',
      ce_type: 'shop.StockReserved',
      ce_time: '2026-11-21T03:04:05.678Z',
      'content-type': 'application/avro',
      ce_correlationid: '42',
      ce_causationid: 'e0',
      ce_saga: 'place-order@1#9f86d081884c',
      ce_step: 'reserve-stock',
      ce_attempt: '3',
      ce_undoes: 'e-1',
    });
  });

  it('leave out what an event does not have', () => {
    const plain = {
      ...full,
      causationId: undefined,
      saga: undefined,
      step: undefined,
      attempt: 1,
      undoes: undefined,
    };
    expect(Object.keys(writeMessageHeaders(plain, 0))).toEqual([
      'ce_specversion',
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_time',
      'content-type',
      'ce_correlationid',
    ]);
  });

  it('come back as they were written, also when the time changes', () => {
    for (const timeMs of [0, 1, 1, 0]) {
      const written = writeMessageHeaders(full, timeMs);
      expect(written['ce_time']).toBe(new Date(timeMs).toISOString());
      expect(readMessageHeaders(raw(written), bytes('42'))).toEqual(full);
    }
  });

  it('may be as few as id and type: the key is the correlation id', () => {
    expect(read({})).toEqual({
      id: 'e1',
      source: '',
      type: 'shop.OrderPlaced',
      correlationId: '42',
      causationId: undefined,
      saga: undefined,
      step: undefined,
      attempt: 1,
      undoes: undefined,
    });
  });

  it('may hold any text in any language', () => {
    expect(read({ ce_correlationid: 'Größe 大' }, 'Größe 大')).toMatchObject({
      correlationId: 'Größe 大',
    });
  });
});

describe('headers that cannot be read', () => {
  const long = 'x'.repeat(headerLimits.idBytesMax + 1);
  it.each([
    ['no id', { ce_id: '' }, '42', /header ce_id is not UTF-8 text of 1 to 256 bytes/],
    ['an id that is too long', { ce_id: long }, '42', /header ce_id is not UTF-8 text of 1 to 256/],
    ['no key', {}, null, /the record has no key: the key is the correlation id of the saga/],
    ['an empty key', {}, '', /the key is not UTF-8 text of 1 to 256 bytes/],
    ['a key that is too long', {}, long, /the key is not UTF-8/],
    [
      'another key',
      { ce_correlationid: '41' },
      '42',
      /header ce_correlationid is "41", but the key is "42": they must be the same/,
    ],
    ['no saga reference', { ce_saga: 'place-order@1' }, '42', /expected name@version#hash/],
    ['version 0', { ce_saga: 'place-order@0#12345678' }, '42', /expected name@version#hash/],
    ['attempt 0', { ce_attempt: '0' }, '42', /header ce_attempt is not a whole number from 1/],
    ['attempt 1.5', { ce_attempt: '1.5' }, '42', /not a whole number from 1/],
    ['a control character', { ce_step: 'a\nb' }, '42', /header ce_step is not UTF-8 text/],
    ['bytes', { ce_type: Uint8Array.of(0xc3, 0x28) }, '42', /header ce_type is not UTF-8 text/],
  ])('(%s) give a fault that names the header and what is expected', (_, headers, key, text) => {
    expect(read(headers, key)).toEqual({ fault: expect.stringMatching(text) });
  });

  it('are named when they are missing', () => {
    expect(readMessageHeaders(raw({ ce_type: 'a.B' }), bytes('1'))).toEqual({
      fault: expect.stringMatching(/header ce_id is missing: a CloudEvents 1.0 event carries it/),
    });
    expect(readMessageHeaders(raw({ ce_id: '1' }), bytes('1'))).toEqual({
      fault: expect.stringMatching(/header ce_type is missing/),
    });
  });

  it('are quoted no longer than a person reads', () => {
    const fault = read({ ce_correlationid: 'y'.repeat(256) }, 'z'.repeat(256));
    expect(JSON.stringify(fault).length).toBeLessThan(400);
  });
});
