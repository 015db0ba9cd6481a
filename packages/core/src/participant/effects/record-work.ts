import { PoisonMessageError } from '../../errors/error-kinds.ts';
import type { IncomingRecord } from '../../ports/transport.ts';
import type { ProcessTrace } from '../../tracing/tracing.ts';
import type { MessageHeaders } from '../../wire/message-headers.ts';
import type { Tenure } from '../waiting/tenure.ts';

/** One record while it is worked on: what all that it asks for has in common. */
export interface RecordWork {
  readonly record: IncomingRecord;
  readonly headers: MessageHeaders;
  readonly trace: ProcessTrace;
  readonly tenure: Tenure;
}

/** What the record holds. Throws `PoisonMessageError` when it holds nothing. */
export function payloadOf({ record }: Pick<RecordWork, 'record'>): Uint8Array {
  if (record.value !== null) return record.value;
  throw new PoisonMessageError(
    `the record at ${record.topic}-${record.partition}@${record.offset} has no value: an event is never a tombstone`,
  );
}
