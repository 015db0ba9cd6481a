import type { Announcement } from '../../wire/participant-record.ts';
import { announcementKey } from '../../wire/participant-record.ts';

/** For `effects-not-shared`: what, which instance, and the way out. */
export function otherInbox(group: string, other: Announcement, untilMs: number): string {
  const { instance, mark, atMs } = other;
  const seen = `announced ${new Date(atMs).toISOString()}`;
  const what = 'an event that it handled and that comes again has its effect twice';
  const base = `effects are at-least-once: instance ${instance} of ${group} (${seen})`;
  if (mark === null) {
    return `${base} has no durable inbox, so ${what}. Give every instance the same database`;
  }
  return `${base} has another inbox than this one, so ${what}. Give every instance the same database, see "Effectively once" in docs/operations.md. An inbox that is gone for good counts until ${new Date(untilMs).toISOString()}, or until a tombstone for ${announcementKey(other)} on troupe.participants says that it does not`;
}

export function announcementFailed(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `effects are at-least-once: this instance cannot announce its inbox on troupe.participants, so the others cannot know whether they share it: ${reason} (tried again; records are handled meanwhile)`;
}
