import { Buffer } from 'node:buffer';

/** Avro's `decimal(precision, scale)`: `precision` digits in all, `scale` of them after the point. */
export interface DecimalType {
  readonly precision: number;
  readonly scale: number;
}

const form = /^(-?)0*(\d+)(?:\.(\d+))?$/;

/**
 * The text as readers get it: `scale` digits after the point, no leading zeros, no negative zero. Undefined when it is
 * no decimal number or does not fit without rounding.
 */
export function normalizeDecimal(
  text: string,
  { precision, scale }: DecimalType,
): string | undefined {
  // Bounds the work of the pattern, too: sign, point and a few superfluous zeros beside the digits.
  if (text.length > 2 * precision + 8) return undefined;
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '0', written = ''] = match;
  const fraction = written.padEnd(scale, '0');
  if (fraction.length > scale && !/^0*$/.test(fraction.slice(scale))) return undefined;
  if (whole !== '0' && whole.length > precision - scale) return undefined;
  const kept = fraction.slice(0, scale);
  const zero = whole === '0' && /^0*$/.test(kept);
  return `${zero ? '' : sign}${whole}${scale === 0 ? '' : `.${kept}`}`;
}

/** Two's complement, big endian, as few bytes as hold it. Undefined when the text does not fit the type. */
export function decimalToBytes(text: string, type: DecimalType): Uint8Array | undefined {
  const normal = normalizeDecimal(text, type);
  if (normal === undefined) return undefined;
  const unscaled = BigInt(normal.replace('.', ''));
  return bigintToBytes(unscaled);
}

/** Undefined when the bytes hold more digits than the type has: a foreign or damaged message. */
export function bytesToDecimal(
  bytes: Uint8Array,
  { precision, scale }: DecimalType,
): string | undefined {
  // log2(10) bits a digit and the sign; checked first because turning bytes into digits costs their square.
  if (bytes.length === 0 || bytes.length > Math.ceil((precision * 3.33 + 1) / 8) + 1) {
    return undefined;
  }
  const unscaled = bytesToBigint(bytes);
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString();
  if (digits.length > precision) return undefined;
  const padded = digits.padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${padded.slice(-scale)}`}`;
}

function bigintToBytes(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  // One bit more than the magnitude needs: the sign.
  const bits = magnitude === 0n ? 1 : magnitude.toString(2).length + 1;
  const length = Math.ceil(bits / 8);
  const unsigned = BigInt.asUintN(length * 8, value);
  return new Uint8Array(Buffer.from(unsigned.toString(16).padStart(length * 2, '0'), 'hex'));
}

function bytesToBigint(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}
