import { Buffer } from 'node:buffer';

interface Known<Text> {
  readonly bytes: Uint8Array;
  readonly text: Text;
}

const slotsMax = 256;
const rememberedBytesMax = 64;

/**
 * Short texts that come again and again, such as the names of headers and the types of events: what was decoded before
 * costs a comparison of bytes and no allocation. Two texts have room where their hashes meet, a third one takes the place
 * of the older, so the memory is bounded whatever comes.
 */
export class TextMemory<Text> {
  readonly #decode: (bytes: Uint8Array) => Text;
  readonly #slots: (Known<Text> | undefined)[] = new Array(slotsMax);

  /** `decode` must depend on nothing but the bytes. */
  constructor(decode: (bytes: Uint8Array) => Text) {
    this.#decode = decode;
  }

  /** What `decode` makes of `bytes` from `start` up to, not including, `end`. */
  read(bytes: Uint8Array, start = 0, end = bytes.length): Text {
    const length = end - start;
    if (length === 0 || length > rememberedBytesMax) {
      return this.#decode(bytes.subarray(start, end));
    }
    const slot = slotOf(bytes, start, end);
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, length)) return known.text;
    const neighbour = this.#slots[slot ^ 1];
    if (neighbour !== undefined && isSame(neighbour.bytes, bytes, start, length)) {
      return neighbour.text;
    }
    const copy = Buffer.from(bytes.subarray(start, end));
    const text = this.#decode(copy);
    this.#slots[slot ^ 1] = known;
    this.#slots[slot] = { bytes: copy, text };
    return text;
  }
}

/** Names that differ mostly do so at their end, and in their length. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = length;
  hash = hash * 31 + (bytes[end - 1] ?? 0);
  hash = hash * 31 + (bytes[start + ((length * 7) >> 3)] ?? 0);
  hash = hash * 31 + (bytes[start + ((length * 3) >> 2)] ?? 0);
  hash = hash * 31 + (bytes[start + (length >> 1)] ?? 0);
  return hash & (slotsMax - 1);
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}
