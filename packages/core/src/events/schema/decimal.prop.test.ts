import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToDecimal, decimalToBytes, normalizeDecimal } from './decimal.ts';

const typeAndUnscaled = fc
  .record({
    precision: fc.integer({ min: 1, max: 80 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .chain(({ precision, part }) =>
    fc.record({
      type: fc.constant({ precision, scale: Math.floor(part * precision) }),
      unscaled: fc.bigInt({
        min: -(10n ** BigInt(precision)) + 1n,
        max: 10n ** BigInt(precision) - 1n,
      }),
    }),
  );

test('text to bytes and back is the same text, for every decimal that fits its type', () => {
  fc.assert(
    fc.property(typeAndUnscaled, ({ type, unscaled }) => {
      const digits = (unscaled < 0n ? -unscaled : unscaled)
        .toString()
        .padStart(type.scale + 1, '0');
      const whole = digits.slice(0, digits.length - type.scale);
      const fraction = type.scale === 0 ? '' : `.${digits.slice(-type.scale)}`;
      const text = `${unscaled < 0n ? '-' : ''}${whole}${fraction}`;
      expect(normalizeDecimal(text, type)).toBe(text);
      const bytes = decimalToBytes(text, type);
      expect(bytes).toBeDefined();
      expect(bytesToDecimal(bytes ?? new Uint8Array(), type)).toBe(text);
    }),
  );
});
