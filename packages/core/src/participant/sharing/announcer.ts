import type { InboxRow } from '../../ports/inbox.ts';
import type { OutgoingRecord, Producer } from '../../ports/transport.ts';
import {
  announcementKey,
  retireAnnouncement,
  writeAnnouncement,
} from '../../wire/participant-record.ts';
import { recordRow } from '../effects/inbox/inbox-rows.ts';
import type { ServiceParts } from '../service-parts.ts';
import { Interrupted, type Tenure } from '../waiting/tenure.ts';
import { announcementFailed } from './sharing-problems.ts';

/**
 * Announces this instance's inbox on `troupe.participants`, again and again.
 *
 * Owns the instance's id, its mark in the inbox, the timer of the next announcement, and the problem that it cannot be
 * announced. Whatever fails is tried again.
 */
export class Announcer {
  /** One process from its start to its end. */
  readonly instance: string;
  readonly key: string;
  readonly #parts: ServiceParts;
  readonly #producer: Producer;
  readonly #tenure: Tenure;
  readonly #onAnnounced: () => void;
  #mark: { readonly id: string; readonly atMs: number } | undefined;
  #marks = 0;
  #isHeard = false;
  #isFailing = false;
  #announcing: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;

  /** `onAnnounced` is called after each announcement, also after one that failed. */
  constructor(parts: ServiceParts, producer: Producer, tenure: Tenure, onAnnounced: () => void) {
    this.#parts = parts;
    this.#producer = producer;
    this.#tenure = tenure;
    this.#onAnnounced = onAnnounced;
    this.instance = parts.random.id();
    this.key = announcementKey({ group: parts.name, instance: this.instance });
  }

  /** An announcement of this instance was read: the others know of it, whatever fails from now on. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** The others cannot know of it. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  hear(): void {
    this.#isHeard = true;
  }

  /** Announces from now on, in the background. */
  start(): void {
    this.#announcing = this.#announce();
  }

  /** An instance without a durable inbox leaves nothing behind that could be of use. Rejects when the broker is away. */
  async stop(): Promise<void> {
    this.#cancelTimer();
    await this.#announcing;
    if (!this.#parts.inbox.durable && this.#isHeard) {
      await this.#producer.send([retireAnnouncement(this.key)]);
    }
  }

  /** Does not reject. */
  async #announce(): Promise<void> {
    const { clock, health, limits, logger, name } = this.#parts;
    let againMs = limits.announceEveryMs;
    try {
      await this.#producer.send([await this.#announcement()]);
      if (this.#isFailing) health.end('effects-not-shared', name);
      this.#isFailing = false;
    } catch (error) {
      if (error instanceof Interrupted || this.#tenure.ending) return;
      logger.debug('the inbox could not be announced, tried again', { error });
      if (!this.#isHeard && !this.#isFailing) {
        this.#isFailing = true;
        health.begin('effects-not-shared', name, announcementFailed(error));
      }
      againMs = limits.outageDelayMsMax;
    }
    this.#onAnnounced();
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
