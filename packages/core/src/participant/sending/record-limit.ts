import { TerminalError } from '../../errors/error-kinds.ts';
import type { OutgoingRecord } from '../../ports/transport.ts';
import { recordBytes } from '../../wire/record-bytes.ts';

/** Throws `message-too-large`, which no retry mends, when a record is larger than `bytesMax`. `what` names it. */
export function assertRecordFits(record: OutgoingRecord, bytesMax: number, what: string): void {
  const bytes = recordBytes(record);
  if (bytes <= bytesMax) return;
  throw new TerminalError(
    `${what} with key ${record.key} takes ${bytes} bytes, the most is ${bytesMax} (limits.messageBytesMax, and the topic's max.message.bytes): keep large data elsewhere and send its address`,
    { code: 'message-too-large', details: { bytes, bytesMax, topic: record.topic } },
  );
}
