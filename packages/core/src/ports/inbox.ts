/**
 * The handled effects of one participant, kept in its own database, in the transaction of the effect itself.
 *
 * `Tx` is what a handler works with inside that transaction.
 */
export interface Inbox<out Tx = unknown> {
  /** True: rows survive a crash, so that effects are effectively once where all instances of a service share them. */
  readonly durable: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The row of an effect. A row that any instance has recorded is found by every instance on the same rows from then on:
   * by this instances find out whether they share an inbox.
   */
  find(effectId: string): InboxRow | undefined | Promise<InboxRow | undefined>;
  /**
   * Runs `work` and writes the row it returns, in one transaction: both or neither. When there is a final row of that
   * effect already, `work` is not run and that row is the result. A row that is not final (`failed`) is replaced.
   * When `work` throws, nothing is written and the error is passed on.
   */
  record(effectId: string, work: (tx: Tx) => InboxRow | Promise<InboxRow>): Promise<InboxRow>;
  /** Deletes rows written before `beforeMs`. They must be kept longer than any topic keeps their events. */
  prune(beforeMs: number): Promise<number>;
}

/** How an effect ended. `failed` is not final: another record that asks for the effect runs it again. */
export type InboxStatus =
  | 'succeeded'
  | 'rejected'
  | 'skipped'
  | 'cancelled'
  | 'failed'
  | 'compensated'
  | 'handled';

export interface InboxRow {
  readonly status: InboxStatus;
  /**
   * The outcome as it was or will be sent, so that a duplicate sends the very same again. Undefined for a plain
   * consumer (`on`), which has none, and for a `failed` step that may have happened and is attempted again.
   */
  readonly outcome: StoredOutcome | undefined;
  readonly recordedAtMs: number;
}

export interface StoredOutcome {
  readonly topic: string;
  readonly type: string;
  readonly key: string;
  readonly value: Uint8Array;
  /** Without the trace headers, which belong to one sending. */
  readonly headers: Readonly<Record<string, string>>;
}
