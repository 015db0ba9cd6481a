import { TroupeError } from '../../errors/troupe-error.ts';
import type { OutgoingRecord } from '../../ports/transport.ts';
import { recordBytes } from '../../wire/record-bytes.ts';
import { noAnswer, type Obstacle } from '../waiting/outage.ts';

export function isTooLarge(error: unknown): boolean {
  return error instanceof TroupeError && error.code === 'message-too-large';
}

/** Why `records` could not be sent: the broker is away, or refuses them until somebody changes something. */
export function sendingObstacle(error: unknown, records: readonly OutgoingRecord[]): Obstacle {
  if (!(error instanceof TroupeError)) return noAnswer(error);
  const topics = [...new Set(records.map(({ topic }) => topic))].join(', ');
  const reason = `${error.message} (tried again; its key waits)`;
  switch (error.code) {
    case 'message-too-large':
      return { code: 'record-refused', message: `${tooLarge(records)}. ${reason}` };
    case 'topic-missing':
      return { code: 'topic-refused', message: `create what is missing of ${topics}. ${reason}` };
    case 'not-authorized':
      return { code: 'topic-refused', message: `allow writing to ${topics}. ${reason}` };
    default:
      return noAnswer(error);
  }
}

function tooLarge(records: readonly OutgoingRecord[]): string {
  const sizes = records.map((record) => ({ ...record, bytes: recordBytes(record) }));
  const { topic, key, bytes } = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return `raise max.message.bytes of ${topic} for the record of ${bytes} bytes with key ${key}, or lower limits.messageBytesMax, so that such an outcome fails its step instead`;
}
