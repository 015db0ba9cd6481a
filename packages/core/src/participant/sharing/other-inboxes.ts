import type { Announcement } from '../../wire/participant-record.ts';
import { rowsKeptMs } from '../effects/inbox/inbox-pruning.ts';
import type { ServiceParts } from '../service-parts.ts';
import { otherInbox } from './sharing-problems.ts';

/** Other inboxes that the health lists at once. */
const toldMax = 10;

/**
 * The inboxes of this service that are not this instance's.
 *
 * Owns their announcements, and the problems `effects-not-shared` that tell of them. An announcement stands for its inbox,
 * not for its instance: it counts as long as rows are kept, or until somebody retires it. One without a durable inbox
 * counts as long as it is repeated.
 */
export class OtherInboxes {
  readonly #parts: ServiceParts;
  /** By key. */
  readonly #announcements = new Map<string, Announcement>();
  /** Those of them that are open problems. */
  readonly #told = new Set<string>();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  get areNone(): boolean {
    return this.#announcements.size === 0;
  }

  counts({ mark, atMs }: Announcement): boolean {
    const { clock, limits } = this.#parts;
    const keptMs = mark === null ? 2 * limits.announceEveryMs : rowsKeptMs(this.#parts);
    return atMs + keptMs > clock.nowMs();
  }

  add(key: string, announcement: Announcement): void {
    this.#announcements.set(key, announcement);
  }

  forget(key: string): void {
    this.#announcements.delete(key);
    if (this.#told.delete(key)) this.#parts.health.end('effects-not-shared', key);
  }

  /** Forgets those that count no more, and tells of the others. */
  look(): void {
    for (const [key, one] of this.#announcements) if (!this.counts(one)) this.forget(key);
    this.tell();
  }

  /** Tells of some of them: a service that loses its own with every start has very many. */
  tell(): void {
    const { health, inbox, name } = this.#parts;
    // Where this instance cannot do better by sharing, the problem that it has says enough.
    if (!inbox.durable) return;
    for (const [key, one] of this.#announcements) {
      if (this.#told.size >= toldMax) return;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      const untilMs = one.atMs + rowsKeptMs(this.#parts);
      health.begin('effects-not-shared', key, otherInbox(name, one, untilMs));
    }
  }
}
