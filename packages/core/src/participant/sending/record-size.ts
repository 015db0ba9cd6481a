import { Buffer } from 'node:buffer';
import { TerminalError } from '../../errors/error-kinds.ts';
import type { OutgoingRecord } from '../../ports/transport.ts';

/** Lengths, offsets and the frame of a record and its batch, generously. */
const frameBytes = 128;
/** Each header has two lengths beside its name and value. */
const headerFrameBytes = 8;

/** How many bytes a record takes on the wire, at most. */
export function recordBytes({ key, value, headers }: OutgoingRecord): number {
  let bytes = frameBytes + Buffer.byteLength(key) + (value?.length ?? 0);
  for (const [name, content] of Object.entries(headers)) {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    bytes += headerFrameBytes + name.length + length;
  }
  return bytes;
}

/** Throws `message-too-large`, which no retry mends, when a record is larger than `bytesMax`. `what` names it. */
export function assertRecordFits(record: OutgoingRecord, bytesMax: number, what: string): void {
  const bytes = recordBytes(record);
  if (bytes <= bytesMax) return;
  throw new TerminalError(
    `${what} with key ${record.key} takes ${bytes} bytes, the most is ${bytesMax} (limits.messageBytesMax, and the topic's max.message.bytes): keep large data elsewhere and send its address`,
    { code: 'message-too-large', details: { bytes, bytesMax, topic: record.topic } },
  );
}
