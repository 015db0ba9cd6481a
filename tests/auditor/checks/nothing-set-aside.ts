import type { Evidence } from '../log/evidence.ts';
import { placeOf } from '../log/raw-record.ts';

/** I7: nobody sent anything that cannot be handled, so nothing is a dead letter, and nothing is of no saga. */
export function* nothingSetAside({ records, unexplained }: Evidence): Iterable<string> {
  for (const record of records) {
    if (!record.topic.endsWith('.dead-letter')) continue;
    const { troupe_dead_letter_code: code, troupe_dead_letter_message: message } = record.headers;
    yield `${placeOf(record)}, key ${record.key}: ${code}: ${message}`;
  }
  for (const record of unexplained) {
    yield `${placeOf(record)}: no definition explains a ${record.headers['ce_type']}`;
  }
}
