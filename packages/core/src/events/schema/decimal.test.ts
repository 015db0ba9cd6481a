import { describe, expect, test } from 'vitest';
import { bytesToDecimal, decimalToBytes, normalizeDecimal } from './decimal.ts';

const money = { precision: 6, scale: 2 };

describe('decimals', () => {
  test.each([
    ['12.5', '12.50'],
    ['12', '12.00'],
    ['12.500', '12.50'],
    ['007.1', '7.10'],
    ['-0.00', '0.00'],
    ['-0.01', '-0.01'],
    ['9999.99', '9999.99'],
  ])('%s is read as %s', (text, normal) => {
    expect(normalizeDecimal(text, money)).toBe(normal);
  });

  test.each([
    '12.345',
    '10000',
    '-10000.00',
    '1e3',
    '+1',
    '.5',
    '5.',
    '',
    ' 1',
    '1,5',
    '0x1',
    '1\n',
  ])('%j does not fit decimal(6, 2)', (text) => {
    expect(normalizeDecimal(text, money)).toBeUndefined();
    expect(decimalToBytes(text, money)).toBeUndefined();
  });

  test.each([
    ['0.00', [0]],
    ['0.01', [1]],
    ['-0.01', [0xff]],
    ['1.27', [0x7f]],
    ['1.28', [0x00, 0x80]],
    ['-1.28', [0x80]],
    ['-1.29', [0xff, 0x7f]],
    ['12.50', [0x04, 0xe2]],
  ])('%s is %j on the wire, as few bytes as hold it', (text, bytes) => {
    expect([...(decimalToBytes(text, money) ?? [])]).toEqual(bytes);
    expect(bytesToDecimal(Uint8Array.from(bytes), money)).toBe(text);
  });

  test('foreign writers may pad with sign bytes', () => {
    expect(bytesToDecimal(Uint8Array.of(0, 0, 0x04, 0xe2), money)).toBe('12.50');
    expect(bytesToDecimal(Uint8Array.of(0xff, 0xff, 0xff), money)).toBe('-0.01');
  });

  test('scale 0 has no point, and scale may be all of the precision', () => {
    expect(normalizeDecimal('12', { precision: 2, scale: 0 })).toBe('12');
    expect(normalizeDecimal('0.12', { precision: 2, scale: 2 })).toBe('0.12');
    expect(normalizeDecimal('1.12', { precision: 2, scale: 2 })).toBeUndefined();
    expect(bytesToDecimal(Uint8Array.of(12), { precision: 2, scale: 2 })).toBe('0.12');
  });

  test('bytes beyond the precision are refused before they cost anything', () => {
    expect(bytesToDecimal(new Uint8Array(10_000_000).fill(0x7f), money)).toBeUndefined();
    expect(bytesToDecimal(Uint8Array.of(0x0f, 0x42, 0x40), money)).toBeUndefined();
    expect(bytesToDecimal(new Uint8Array(0), money)).toBeUndefined();
  });
});
