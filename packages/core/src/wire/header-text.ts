import { Buffer } from 'node:buffer';
import { unreadable } from '../events/event-key.ts';
import { TextMemory } from './text-memory.ts';

/** Undefined when the bytes are no UTF-8 text of 1 to `bytesMax` bytes without control characters. */
export function readText(bytes: Uint8Array, bytesMax: number): string | undefined {
  const { length } = bytes;
  if (length === 0 || length > bytesMax) return undefined;
  return decodeText(bytes);
}

/** As `readText`, for a header that has the same few texts in nearly all records. */
export function readRepeatedText(bytes: Uint8Array, bytesMax: number): string | undefined {
  const { length } = bytes;
  if (length === 0 || length > bytesMax) return undefined;
  return repeated.read(bytes);
}

const repeated = new TextMemory(decodeText);

function decodeText(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isPlainAscii(buffer)) return buffer.toString('latin1');
  const text = buffer.toString('utf8');
  return unreadable.test(text) ? undefined : text;
}

/** Nearly all texts are: looking at each byte and then copying them costs half of decoding UTF-8 and searching it. */
function isPlainAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte >= 0x7f) return false;
  }
  return true;
}
