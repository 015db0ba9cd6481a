import { TerminalError } from '../errors/error-kinds.ts';
import { TroupeError } from '../errors/troupe-error.ts';
import type { Inbox, InboxRow } from '../ports/inbox.ts';

export interface MemoryInboxOptions {
  /** Beyond it the oldest row is forgotten, so that its effect may run again. Default 1,000,000. */
  readonly rowsMax?: number | undefined;
}

/**
 * An inbox in this process's memory: for tests and for everything in one process. Its rows end with the process.
 *
 * @example
 * const inbox = createMemoryInbox();
 */
export function createMemoryInbox(options: MemoryInboxOptions = {}): Inbox<undefined> {
  return new MemoryInbox(options.rowsMax ?? 1_000_000);
}

type Work = (tx: undefined) => InboxRow | Promise<InboxRow>;

/**
 * Owns the rows. There are no tables in its transaction: what a work did elsewhere before it threw stays done.
 *
 * Invariants
 * 1. The works of one effect run one after the other; the works of different effects run side by side.
 * 2. Never more than `rowsMax` rows, in the order in which they were recorded.
 */
class MemoryInbox implements Inbox<undefined> {
  readonly durable = false;
  readonly #rowsMax: number;
  readonly #rows = new Map<string, InboxRow>();
  /** What the next record of the effect has to wait for. Never rejects. */
  readonly #running = new Map<string, Promise<void>>();
  #started = false;
  #working = false;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  async start(): Promise<void> {
    this.#started = true;
  }

  async stop(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    this.#started = false;
  }

  find(effectId: string): InboxRow | undefined {
    this.#assertStarted();
    return this.#rows.get(effectId);
  }

  async record(effectId: string, work: Work): Promise<InboxRow> {
    this.#assertStarted();
    if (this.#working) {
      throw new TerminalError(
        `${effectId} cannot be recorded inside the work of another effect: an effect has one transaction of its own. Return from the first work, then record the second.`,
        { details: { effectId } },
      );
    }
    const before = this.#running.get(effectId);
    const recorded =
      before === undefined
        ? this.#recordOnce(effectId, work)
        : before.then(() => this.#recordOnce(effectId, work));
    const ended = recorded.then(nothing, nothing); // the caller has the error; the next record only waits
    this.#running.set(effectId, ended); // invariant 1
    try {
      return await recorded;
    } finally {
      if (this.#running.get(effectId) === ended) this.#running.delete(effectId);
    }
  }

  async prune(beforeMs: number): Promise<number> {
    this.#assertStarted();
    let deleted = 0;
    for (const [effectId, row] of this.#rows) {
      if (row.recordedAtMs >= beforeMs) continue;
      this.#rows.delete(effectId);
      deleted += 1;
    }
    return deleted;
  }

  async #recordOnce(effectId: string, work: Work): Promise<InboxRow> {
    const before = this.#rows.get(effectId);
    if (before !== undefined && before.status !== 'failed') return before;
    const row = await this.#begin(work);
    this.#rows.delete(effectId);
    this.#rows.set(effectId, row);
    this.#forgetOldest();
    return row;
  }

  #begin(work: Work): InboxRow | Promise<InboxRow> {
    this.#working = true;
    try {
      return work(undefined);
    } finally {
      this.#working = false;
    }
  }

  #forgetOldest(): void {
    if (this.#rows.size <= this.#rowsMax) return;
    for (const effectId of this.#rows.keys()) {
      this.#rows.delete(effectId); // invariant 2
      return;
    }
  }

  #assertStarted(): void {
    if (this.#started) return;
    throw new TroupeError('stopped', 'the inbox is not started: call start()');
  }
}

const nothing = (): void => undefined;
