import type { IncomingRecord, Producer } from '../../ports/transport.ts';
import {
  type Announcement,
  readAnnouncement,
  retireAnnouncement,
} from '../../wire/participant-record.ts';
import { findRow } from '../effects/inbox/inbox-rows.ts';
import type { EffectsGuarantee } from '../service-health.ts';
import type { ServiceParts } from '../service-parts.ts';
import { Interrupted, type Tenure } from '../waiting/tenure.ts';
import { Announcer } from './announcer.ts';
import { OtherInboxes } from './other-inboxes.ts';

interface Unread {
  /** Undefined: it was retired. */
  readonly announcement: Announcement | undefined;
  /** It came before this instance's own. */
  readonly isEarlier: boolean;
}

/**
 * Finds out whether all instances of a service share one inbox: only then are its effects effectively once (I2).
 *
 * Each instance writes a row, its mark, into its inbox and announces it on `troupe.participants`. An instance that finds
 * another's mark in its own inbox shares it. One that does not has another inbox, even where the other instance is long
 * gone: what that one did would be done here again.
 *
 * Owns what came of the topic and was not looked at, and what follows from it. Does not own the inbox, nor the reading of
 * the topic.
 *
 * Invariants
 * 1. Nothing is called effectively once before everything was looked at that was announced before this instance.
 * 2. Announcements before this instance's own whose marks are here are retired: its own stands for the same inbox.
 * 3. Whatever fails here, records are handled.
 */
export class InboxSharing {
  readonly #parts: ServiceParts;
  readonly #producer: Producer;
  readonly #tenure: Tenure;
  readonly #announcer: Announcer;
  readonly #others: OtherInboxes;
  /** What came and was not looked at: the newest of each key, in the order of their coming. */
  readonly #unread = new Map<string, Unread>();
  /** Keys of announcements that this instance's own replaces. */
  readonly #replaced = new Set<string>();
  /** By partition: the offset after the last record that was read. */
  readonly #positions = new Map<number, bigint>();
  #isLooking = false;
  #isKnown = false;

  constructor(parts: ServiceParts, producer: Producer, tenure: Tenure) {
    this.#parts = parts;
    this.#producer = producer;
    this.#tenure = tenure;
    const others = new OtherInboxes(parts);
    this.#others = others;
    this.#announcer = new Announcer(parts, producer, tenure, () => others.look());
  }

  get instance(): string {
    return this.#announcer.instance;
  }

  get effects(): EffectsGuarantee {
    const once = this.#parts.inbox.durable && this.#isKnown && !this.#announcer.isFailing;
    return once && this.#others.areNone ? 'effectively-once' : 'at-least-once';
  }

  /** Announces this instance from now on, in the background. */
  start(): void {
    this.#announcer.start();
  }

  /** Rejects when the broker is away. */
  stop(): Promise<void> {
    return this.#announcer.stop();
  }

  onRecords(records: readonly IncomingRecord[]): void {
    for (const record of records) {
      const before = this.#positions.get(record.partition) ?? 0n; // after a rebalance they come again
      if (record.offset < before) continue;
      this.#positions.set(record.partition, record.offset + 1n);
      this.#onRecord(record);
    }
    // Not sooner: until then the newest of each key is still to come.
    if (this.#announcer.isHeard && !this.#isLooking) void this.#look();
  }

  #onRecord(record: IncomingRecord): void {
    const read = readAnnouncement(record);
    if (read === undefined || !read.key.startsWith(`${this.#parts.name}/`)) return;
    const { key, announcement } = read;
    if (key === this.#announcer.key) {
      if (announcement !== undefined) this.#announcer.hear();
      return;
    }
    this.#unread.delete(key); // in its new place
    this.#unread.set(key, { announcement, isEarlier: !this.#announcer.isHeard });
  }

  /** Looks at what came. Does not reject. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      // What comes meanwhile comes up at the end.
      for (const [key, unread] of this.#unread) {
        this.#unread.delete(key);
        await this.#judge(key, unread);
      }
      this.#others.tell();
      const isFirst = !this.#isKnown;
      this.#isKnown = true; // invariant 1
      if (isFirst) await this.#retireReplaced();
    } catch (error) {
      if (error instanceof Interrupted) return;
      const text = 'whether the instances share one inbox cannot be told: a fault of Troupe itself';
      this.#parts.health.begin('internal', 'inbox sharing', text, error); // invariant 3
      return;
    } finally {
      this.#isLooking = false;
    }
    if (this.#unread.size > 0) await this.#look();
  }

  async #judge(key: string, { announcement, isEarlier }: Unread): Promise<void> {
    if (announcement === undefined) return this.#others.forget(key);
    if (this.#others.counts(announcement) && !(await this.#isMarkHere(announcement))) {
      return this.#others.add(key, announcement);
    }
    if (isEarlier) this.#replaced.add(key);
    this.#others.forget(key);
  }

  async #isMarkHere({ mark }: Announcement): Promise<boolean> {
    if (mark === null) return false;
    return (await findRow(this.#parts, this.#tenure, mark)) !== undefined;
  }

  /** Once: then this instance's own announcement is there, and stands for the same inbox (invariant 2). */
  async #retireReplaced(): Promise<void> {
    const retired = [...this.#replaced].map(retireAnnouncement);
    this.#replaced.clear();
    if (retired.length === 0) return;
    try {
      await this.#producer.send(retired);
    } catch (error) {
      // Whoever starts next does it.
      this.#parts.logger.debug('earlier announcements were not retired', { error });
    }
  }
}
