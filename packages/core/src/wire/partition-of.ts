import { Buffer } from 'node:buffer';

/**
 * The partition that Kafka's Java client writes `key` to: murmur2 of its UTF-8 bytes, without the sign, modulo
 * `partitions`. One client that hashes otherwise breaks order by key, so every transport uses this.
 *
 * @example partitionOf('order-2', 4) // 0 to 3, the same in every language
 */
export function partitionOf(key: string | Uint8Array, partitions: number): number {
  if (typeof key !== 'string') return (murmur2(key, key.length) & 0x7fffffff) % partitions;
  // A UTF-16 code unit becomes at most three bytes.
  if (key.length * 3 > scratch.length) return partitionOf(Buffer.from(key), partitions);
  const length = scratch.write(key, 0, 'utf8');
  return (murmur2(scratch, length) & 0x7fffffff) % partitions;
}

/** Keys are short and hashed for each record: encoding them here spares an allocation. */
const scratch = Buffer.allocUnsafe(768);

const seed = 0x9747b28c | 0;
const multiplier = 0x5bd1e995;

/** The signed 32-bit hash of the first `length` bytes, as `org.apache.kafka.common.utils.Utils.murmur2`. */
export function murmur2(bytes: Uint8Array, length: number): number {
  let hash = seed ^ length;
  const tail = length & ~3;
  for (let at = 0; at < tail; at += 4) {
    let word = byte(bytes, at) | (byte(bytes, at + 1) << 8);
    word |= (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
  }
  if (length > tail) {
    let rest = byte(bytes, tail);
    if (length > tail + 1) rest |= byte(bytes, tail + 1) << 8;
    if (length > tail + 2) rest |= byte(bytes, tail + 2) << 16;
    hash = Math.imul(hash ^ rest, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
