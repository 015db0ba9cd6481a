import type { InboxRow } from '../../ports/inbox.ts';
import type { Tenure } from '../intake/tenure.ts';
import type { Participant } from '../participant.ts';
import { throughOutages } from './outage.ts';

/** Whatever an inbox rejects with when no work of a user is in it: the store does not answer. */
const always = (): boolean => true;

/** The row of an effect; waits while the store does not answer. Synchronous where the inbox is. */
export function findRow(
  parts: Participant,
  tenure: Tenure,
  effectId: string,
): InboxRow | undefined | Promise<InboxRow | undefined> {
  try {
    const found = parts.inbox.find(effectId);
    if (!(found instanceof Promise)) return found;
    return found.catch(() => findAgain(parts, tenure, effectId));
  } catch {
    return findAgain(parts, tenure, effectId); // asks again, and reports what it hears
  }
}

function findAgain(
  parts: Participant,
  tenure: Tenure,
  effectId: string,
): Promise<InboxRow | undefined> {
  return throughOutages(parts, tenure, () => parts.inbox.find(effectId), always);
}

/**
 * Writes the row of an effect that is over, or gives the final row that is there already. Waits while the store does not
 * answer.
 */
export function recordRow(
  parts: Participant,
  tenure: Tenure,
  effectId: string,
  row: InboxRow,
): Promise<InboxRow> {
  return throughOutages(parts, tenure, () => parts.inbox.record(effectId, () => row), always);
}

/** A failed effect may be run again when an operator asks; anything else stays. */
export function isFinal(row: InboxRow): boolean {
  return row.status !== 'failed';
}
