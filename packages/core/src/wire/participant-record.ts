import { Buffer } from 'node:buffer';
import type { IncomingRecord, OutgoingRecord } from '../ports/transport.ts';
import { contentTypes, headerNames } from './header-names.ts';
import { internalTopics } from './internal-topics.ts';

/** What an instance of a service says of its inbox on `troupe.participants`. */
export interface Announcement {
  /** The service, which is its consumer group. */
  readonly group: string;
  /** One process from its start to its end. */
  readonly instance: string;
  /** The id of a row that it wrote into its inbox; null where no row survives a crash. */
  readonly mark: string | null;
  readonly atMs: number;
}

/** More is nothing that an instance wrote. */
const announcementBytesMax = 10_000;

/** Its key: a group's name has no slash. */
export function announcementKey({
  group,
  instance,
}: Pick<Announcement, 'group' | 'instance'>): string {
  return `${group}/${instance}`;
}

export function writeAnnouncement(announcement: Announcement): OutgoingRecord {
  return {
    topic: internalTopics.participants,
    key: announcementKey(announcement),
    value: Buffer.from(JSON.stringify(announcement)),
    headers: { [headerNames.contentType]: contentTypes.json },
  };
}

/** The announcement under this key counts no more. */
export function retireAnnouncement(key: string): OutgoingRecord {
  return { topic: internalTopics.participants, key, value: null, headers: {} };
}

export interface ReadAnnouncement {
  readonly key: string;
  /** Undefined: it was retired. */
  readonly announcement: Announcement | undefined;
}

/** Reads a record of `troupe.participants`. Never throws. Undefined: nobody's, or unreadable. */
export function readAnnouncement({
  key,
  value,
}: Pick<IncomingRecord, 'key' | 'value'>): ReadAnnouncement | undefined {
  if (key === null) return undefined;
  const text = textOf(key);
  if (value === null) return { key: text, announcement: undefined };
  const announcement = value.length > announcementBytesMax ? undefined : parse(textOf(value));
  if (announcement === undefined || announcementKey(announcement) !== text) return undefined;
  return { key: text, announcement };
}

/** The decode boundary: anybody may have written it. */
function parse(text: string): Announcement | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined; // not JSON: nothing that an instance wrote
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const { group, instance, mark, atMs } = read as Readonly<Record<string, unknown>>;
  return typeof group === 'string' &&
    typeof instance === 'string' &&
    (typeof mark === 'string' || mark === null) &&
    typeof atMs === 'number' &&
    Number.isFinite(atMs)
    ? { group, instance, mark, atMs }
    : undefined;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
