import { deadLetter, shortDeadLetter } from '../sending/dead-letter.ts';
import type { ServiceParts } from '../service-parts.ts';
import { errorCode, errorText } from './error-text.ts';
import type { RecordWork } from './record-work.ts';

/** Keeps a record that cannot be handled as a dead letter of this group, with its cause, and waits until it is there. */
export async function sendDeadLetter(
  parts: ServiceParts,
  { record, trace, tenure }: Omit<RecordWork, 'headers'>,
  error: unknown,
  attempt: number,
): Promise<void> {
  const { name: group, clock, checkpoint, limits } = parts;
  const code = errorCode(error);
  const message = errorText(error, limits.errorTextLengthMax);
  const cause = { group, code, message, attempt, timeMs: clock.nowMs() };
  trace.outcome('dead-letter');
  trace.fail(error);
  const { topic, partition, offset } = record;
  const text = `a record of ${topic} is a dead letter now: ${message}`;
  parts.logger.error(text, { topic, partition, offset: String(offset), code, error });
  if (checkpoint !== undefined) await checkpoint('before-send');
  await parts.sender.send([deadLetter(record, cause)], tenure, () => [
    shortDeadLetter(record, cause),
  ]);
  if (checkpoint !== undefined) await checkpoint('sent');
}
