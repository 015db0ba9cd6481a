import { Buffer } from 'node:buffer';

interface Known {
  readonly bytes: Buffer;
  readonly text: string;
}

const slotsMax = 256;
const rememberedBytesMax = 64;

/**
 * Decodes short texts that come again and again, such as header names: what was decoded before costs a comparison and no
 * allocation. A text that falls into the slot of another one takes its place, so memory is bounded.
 */
export class TextMemory {
  readonly #slots: (Known | undefined)[] = new Array(slotsMax);

  /** The UTF-8 text in `bytes` from `start` up to, not including, `end`. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > rememberedBytesMax) return bytes.toString('utf8', start, end);
    const slot = slotOf(bytes, start, end);
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, length)) return known.text;
    const text = bytes.toString('utf8', start, end);
    this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), text };
    return text;
  }
}

/** Names differ in their length or in what they end with, rarely in how they begin. */
function slotOf(bytes: Buffer, start: number, end: number): number {
  const last = bytes[end - 1] ?? 0;
  const middle = bytes[(start + end) >> 1] ?? 0;
  return (last * 7 + middle * 31 + (end - start)) & (slotsMax - 1);
}

function isSame(known: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}
