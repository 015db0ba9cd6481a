import type { InboxRow } from '../../ports/inbox.ts';
import type { IncomingRecord, OutgoingRecord, Producer } from '../../ports/transport.ts';
import {
  type Announcement,
  announcementKey,
  readAnnouncement,
  retireAnnouncement,
  writeAnnouncement,
} from '../../wire/participant-record.ts';
import { rowsKeptMs } from '../effects/inbox-pruning.ts';
import { findRow, recordRow } from '../effects/inbox-rows.ts';
import { Interrupted, type Tenure } from '../intake/tenure.ts';
import type { Participant } from '../participant.ts';
import { announcementFailed, otherInbox } from './sharing-problems.ts';

/** What is promised of the effects of a service's handlers. */
export type EffectsGuarantee = 'effectively-once' | 'at-least-once';

/** Other inboxes that the health lists at once. */
const toldMax = 10;

interface Unread {
  /** Undefined: it was retired. */
  readonly announcement: Announcement | undefined;
  /** It came before this instance's own. */
  readonly isEarlier: boolean;
}

/**
 * Finds out whether all instances of a service share one inbox: only then are its effects effectively once (I2).
 *
 * Each instance writes a row, its mark, into its inbox and announces it on `troupe.participants`. Who finds the mark of
 * another instance in its own inbox shares it. Who does not find it has another inbox, also where the other instance is
 * long gone: what that one did would be done here again.
 *
 * Owns this instance's announcements and the problems `effects-not-shared`. Does not own the inbox, nor the reading of
 * the topic.
 *
 * Invariants
 * 1. Nothing is called effectively once before everything was looked at that was announced before this instance.
 * 2. An announcement stands for its inbox, not for its instance: it counts as long as rows are kept, or until somebody
 *    retires it. One without a durable inbox counts as long as it is repeated.
 * 3. Announcements before this instance's own whose marks are here are retired: its own stands for the same inbox.
 * 4. Whatever fails here, records are handled.
 */
export class InboxSharing {
  readonly #parts: Participant;
  readonly #producer: Producer;
  readonly #tenure: Tenure;
  readonly instance: string;
  readonly #key: string;
  /** What came and was not looked at: the newest of each key, in the order of their coming. */
  readonly #unread = new Map<string, Unread>();
  #looking = false;
  /** Announcements of other inboxes, by key. */
  readonly #others = new Map<string, Announcement>();
  /** Those of them that are open problems. */
  readonly #told = new Set<string>();
  /** Keys of announcements that this instance's own replaces. */
  readonly #replaced = new Set<string>();
  /** By partition: the offset after the last record that was read. */
  readonly #positions = new Map<number, bigint>();
  #mark: { readonly id: string; readonly atMs: number } | undefined;
  #marks = 0;
  #heardItself = false;
  #known = false;
  #announcing: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;
  #failing = false;

  constructor(parts: Participant, producer: Producer, tenure: Tenure) {
    this.#parts = parts;
    this.#producer = producer;
    this.#tenure = tenure;
    this.instance = parts.random.id();
    this.#key = announcementKey({ group: parts.name, instance: this.instance });
  }

  get effects(): EffectsGuarantee {
    const once = this.#parts.inbox.durable && this.#known && !this.#failing;
    return once && this.#others.size === 0 ? 'effectively-once' : 'at-least-once';
  }

  /** Announces this instance from now on, in the background. */
  start(): void {
    this.#announcing = this.#announce();
  }

  /** An instance without a durable inbox leaves nothing behind that could be of use. Rejects when the broker is away. */
  async stop(): Promise<void> {
    this.#cancelTimer();
    await this.#announcing;
    if (!this.#parts.inbox.durable && this.#heardItself) {
      await this.#producer.send([retireAnnouncement(this.#key)]);
    }
  }

  onRecords(records: readonly IncomingRecord[]): void {
    for (const record of records) {
      const before = this.#positions.get(record.partition) ?? 0n; // after a rebalance they come again
      if (record.offset < before) continue;
      this.#positions.set(record.partition, record.offset + 1n);
      this.#onRecord(record);
    }
    // Not sooner: until then the newest of each key is still to come.
    if (this.#heardItself && !this.#looking) void this.#look();
  }

  #onRecord(record: IncomingRecord): void {
    const read = readAnnouncement(record);
    if (read === undefined || !read.key.startsWith(`${this.#parts.name}/`)) return;
    const { key, announcement } = read;
    if (key === this.#key) {
      this.#heardItself ||= announcement !== undefined;
      return;
    }
    this.#unread.delete(key); // in its new place
    this.#unread.set(key, { announcement, isEarlier: !this.#heardItself });
  }

  /** Looks at what came. Does not reject. */
  async #look(): Promise<void> {
    this.#looking = true;
    try {
      // What comes meanwhile comes up at the end.
      for (const [key, unread] of this.#unread) {
        this.#unread.delete(key);
        await this.#judge(key, unread);
      }
      this.#tell();
      const isFirst = !this.#known;
      this.#known = true; // invariant 1
      if (isFirst) await this.#retireReplaced();
    } catch (error) {
      if (error instanceof Interrupted) return;
      const text = 'whether the instances share one inbox cannot be told: a fault of Troupe itself';
      this.#parts.health.begin('internal', 'inbox sharing', text, error); // invariant 4
      return;
    } finally {
      this.#looking = false;
    }
    if (this.#unread.size > 0) await this.#look();
  }

  async #judge(key: string, { announcement, isEarlier }: Unread): Promise<void> {
    if (announcement === undefined) return this.#forget(key);
    if (!this.#counts(announcement) || (await this.#isMarkHere(announcement))) {
      if (isEarlier) this.#replaced.add(key);
      return this.#forget(key);
    }
    this.#others.set(key, announcement);
  }

  /** Tells of some of the other inboxes: a service that loses its own with every start has very many. */
  #tell(): void {
    const { health, inbox, name } = this.#parts;
    // Where this instance cannot do better by sharing, the problem that it has says enough.
    if (!inbox.durable) return;
    for (const [key, other] of this.#others) {
      if (this.#told.size >= toldMax) return;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      const untilMs = other.atMs + rowsKeptMs(this.#parts);
      health.begin('effects-not-shared', key, otherInbox(name, other, untilMs));
    }
  }

  async #isMarkHere({ mark }: Announcement): Promise<boolean> {
    if (mark === null) return false;
    return (await findRow(this.#parts, this.#tenure, mark)) !== undefined;
  }

  /** Once: then this instance's own announcement is there, and stands for the same inbox (invariant 3). */
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

  #forget(key: string): void {
    this.#others.delete(key);
    if (this.#told.delete(key)) this.#parts.health.end('effects-not-shared', key);
  }

  /** Invariant 2. */
  #counts({ mark, atMs }: Announcement): boolean {
    const { clock, limits } = this.#parts;
    const keptMs = mark === null ? 2 * limits.announceEveryMs : rowsKeptMs(this.#parts);
    return atMs + keptMs > clock.nowMs();
  }

  /** Announces this instance, looks whether the others still count, and so again and again. Does not reject. */
  async #announce(): Promise<void> {
    const { clock, health, limits, logger, name } = this.#parts;
    let againMs = limits.announceEveryMs;
    try {
      await this.#producer.send([await this.#announcement()]);
      if (this.#failing) health.end('effects-not-shared', name);
      this.#failing = false;
    } catch (error) {
      if (error instanceof Interrupted || this.#tenure.ending) return;
      logger.debug('the inbox could not be announced, tried again', { error });
      // Once it was announced, the others know of it.
      if (!this.#heardItself && !this.#failing) {
        this.#failing = true;
        health.begin('effects-not-shared', name, announcementFailed(error));
      }
      againMs = limits.outageDelayMsMax;
    }
    for (const [key, other] of this.#others) if (!this.#counts(other)) this.#forget(key);
    this.#tell();
    if (this.#tenure.ending) return;
    this.#cancelTimer = clock.after(againMs, () => {
      this.#announcing = this.#announce();
    });
  }

  async #announcement(): Promise<OutgoingRecord> {
    const { clock, inbox, name: group } = this.#parts;
    const { instance } = this;
    const mark = inbox.durable ? await this.#freshMark() : null;
    return writeAnnouncement({ group, instance, mark, atMs: clock.nowMs() });
  }

  /** A row is pruned after a time, so there is a new one long before. */
  async #freshMark(): Promise<string> {
    const { clock, limits, name } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#mark !== undefined && nowMs < this.#mark.atMs + limits.inboxRetentionMs / 2) {
      return this.#mark.id;
    }
    this.#marks += 1;
    const id = `instance/${name}/${this.instance}/${this.#marks}`;
    const row: InboxRow = { status: 'handled', outcome: undefined, recordedAtMs: nowMs };
    await recordRow(this.#parts, this.#tenure, id, row);
    this.#mark = { id, atMs: nowMs };
    return id;
  }
}
