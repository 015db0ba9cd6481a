import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { murmur2, partitionOf } from './partition-of.ts';

describe('partitionOf', () => {
  // The vectors of Kafka's own UtilsTest.testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('murmur2 of %s is what Kafka computes', (text, hash) => {
    const bytes = Buffer.from(text);
    expect(murmur2(bytes, bytes.length)).toBe(hash);
  });

  test('a key as text and as bytes goes to one partition, also when it is long or not ASCII', () => {
    for (const key of ['order-1', 'ключ', '日本語', '', 'x'.repeat(1_000), '🎭'.repeat(200)]) {
      expect(partitionOf(key, 7)).toBe(partitionOf(Buffer.from(key), 7));
    }
  });

  test('the sign is dropped, not the absolute value taken', () => {
    expect(partitionOf('21', 100)).toBe((-973932308 & 0x7fffffff) % 100);
  });
});
