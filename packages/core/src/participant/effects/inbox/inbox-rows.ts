import type { InboxRow } from '../../../ports/inbox.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { throughOutages } from '../../waiting/outage.ts';
import type { Tenure } from '../../waiting/tenure.ts';
import { ForgetfulInbox } from './forgetful-inbox.ts';

/** Whatever an inbox rejects with when no work of a user is in it: the store does not answer. */
const always = (): boolean => true;

/** The row of an effect; waits while the store does not answer. Synchronous where the inbox is. */
export function findRow(
  parts: ServiceParts,
  tenure: Tenure,
  effectId: string,
): InboxRow | undefined | Promise<InboxRow | undefined> {
  return throughOutages(parts, tenure, () => parts.inbox.find(effectId), always);
}

/**
 * Writes the row of an effect that is over, or gives the final row that is there already. Waits while the store does not
 * answer. Synchronous without an inbox.
 */
export function recordRow(
  parts: ServiceParts,
  tenure: Tenure,
  effectId: string,
  row: InboxRow,
): InboxRow | Promise<InboxRow> {
  const { inbox } = parts;
  if (inbox instanceof ForgetfulInbox) return inbox.keep(effectId, row);
  return throughOutages(parts, tenure, () => inbox.record(effectId, () => row), always);
}

/** A failed effect is run again when another record asks for it; anything else stays. */
export function isFinal(row: InboxRow): boolean {
  return row.status !== 'failed';
}
