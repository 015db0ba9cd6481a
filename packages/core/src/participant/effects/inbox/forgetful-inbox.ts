import type { Inbox, InboxRow } from '../../../ports/inbox.ts';

/**
 * In place of an inbox where the service has none: it forgets every effect, so that each delivery runs it again, but
 * remembers the steps that were cancelled, as long as the process lives and there are not too many.
 */
export class ForgetfulInbox implements Inbox<undefined> {
  readonly durable = false;
  readonly #cancelledMax: number;
  readonly #cancelled = new Map<string, InboxRow>();

  constructor(cancelledMax: number) {
    this.#cancelledMax = cancelledMax;
  }

  async start(): Promise<void> {
    this.#cancelled.clear();
  }

  async stop(): Promise<void> {
    this.#cancelled.clear();
  }

  find(effectId: string): InboxRow | undefined {
    return this.#cancelled.get(effectId);
  }

  async record(
    effectId: string,
    work: (tx: undefined) => InboxRow | Promise<InboxRow>,
  ): Promise<InboxRow> {
    const before = this.#cancelled.get(effectId);
    return before ?? this.keep(effectId, await work(undefined));
  }

  /** As `record`, for a row that needs no work: at once. */
  keep(effectId: string, row: InboxRow): InboxRow {
    const before = this.#cancelled.get(effectId);
    if (before !== undefined) return before;
    if (row.status === 'cancelled') this.#remember(effectId, row);
    return row;
  }

  async prune(): Promise<number> {
    return 0;
  }

  #remember(effectId: string, row: InboxRow): void {
    this.#cancelled.set(effectId, row);
    if (this.#cancelled.size <= this.#cancelledMax) return;
    const [oldest] = this.#cancelled.keys();
    if (oldest !== undefined) this.#cancelled.delete(oldest);
  }
}
