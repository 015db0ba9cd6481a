import { describe, expect, test } from 'vitest';
import { payloadName, payloadOf } from './kept-payloads.ts';
import type { Payload } from './saga-entry.ts';

const placed: Payload = { type: 'shop.Placed', framed: Uint8Array.of(1) };
const reserved: Payload = { type: 'shop.Reserved', framed: Uint8Array.of(2) };
const charged: Payload = { type: 'shop.Charged', framed: Uint8Array.of(3) };

function keep(...payloads: readonly (readonly [payload: Payload, eventId: string])[]) {
  const kept = new Map<string, Payload>();
  for (const [payload, eventId] of payloads) kept.set(payloadName(kept, payload, eventId), payload);
  return kept;
}

describe('what a saga keeps', () => {
  test('is found by type and id, whatever else has that id', () => {
    const kept = keep([placed, 'x'], [reserved, 'x'], [charged, 'y']);
    expect(payloadOf(kept, placed, 'x')).toBe(placed);
    expect(payloadOf(kept, reserved, 'x')).toBe(reserved);
    expect(payloadOf(kept, charged, 'y')).toBe(charged);
    expect(payloadOf(kept, charged, 'x')).toBeUndefined();
    expect(payloadOf(kept, placed, 'y')).toBeUndefined();
  });

  test('has the id alone for its name as long as it may, as older versions had', () => {
    expect([...keep([placed, 'x'], [reserved, 'y']).keys()]).toEqual(['x', 'y']);
    expect(payloadOf(new Map([['x', reserved]]), reserved, 'x')).toBe(reserved);
  });

  test('keeps its name when it is kept again', () => {
    const kept = keep([placed, 'x'], [reserved, 'x']);
    for (const payload of [placed, reserved]) {
      expect(kept.get(payloadName(kept, payload, 'x'))).toBe(payload);
    }
  });

  test('is not mistaken for an id that reads like a type and an id', () => {
    const ids = ['x', 'shop.Reserved/x', 'shop.Reserved x', 'shop.Reserved:x'];
    const kept = keep(...ids.flatMap((id) => [[placed, id] as const, [reserved, id] as const]));
    expect(kept.size).toBe(2 * ids.length);
    for (const id of ids) {
      expect(payloadOf(kept, placed, id)).toBe(placed);
      expect(payloadOf(kept, reserved, id)).toBe(reserved);
    }
  });
});
