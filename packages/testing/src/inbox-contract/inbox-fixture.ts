import type { Inbox, InboxRow, InboxStatus } from '@troupe/core';

/** What an inbox is said to be able to do; what it is not shows as skipped. */
export interface InboxFeatures {
  /** Rows outlive the process: `reopen` and `recorder` are used. */
  readonly durable: boolean;
  /** Several instances may have it open: `beside` is used. */
  readonly shared: boolean;
  /** `write` of the fixture works inside the inbox's own transaction. */
  readonly effects: boolean;
  /** A work may return a promise. Where not, a promise is refused and nothing is written. */
  readonly asyncWork: boolean;
}

/** One inbox, started, with a table of effects beside it. */
export interface InboxFixture<Tx> {
  readonly inbox: Inbox<Tx>;
  /** Adds one effect by the transaction that a work was given. */
  write(tx: Tx, effect: string): void;
  /** Every effect that was committed, in any order. */
  effects(): readonly string[];
  /** Closes the inbox and opens the same rows again, as a new process would. */
  reopen(): Promise<InboxFixture<Tx>>;
  /**
   * Opens an inbox beside this one, as another instance of the service would: on the same rows, or on rows of its own.
   * Undefined where there is but one instance.
   */
  readonly beside: ((rows: 'same' | 'own') => Promise<InboxFixture<Tx>>) | undefined;
  /**
   * A program that opens the same rows and, until it is killed, records one effect after the other, each with one
   * write of its own effect id, printing a line for each that was acknowledged: its effect id.
   */
  readonly recorder: { readonly file: string; readonly args: readonly string[] } | undefined;
}

export interface InboxSetup<Tx> {
  setup(): Promise<InboxFixture<Tx>>;
  teardown(fixture: InboxFixture<Tx>): Promise<void>;
}

/** A row with an outcome. */
export function rowOf(status: InboxStatus, recordedAtMs = 1_000): InboxRow {
  return {
    status,
    recordedAtMs,
    outcome: {
      topic: 'shop',
      type: 'shop.StockReserved',
      key: 'order-1',
      value: Uint8Array.of(0, 0, 0, 0, 1, 2),
      headers: { ce_id: 'id', ce_type: 'shop.StockReserved' },
    },
  };
}

/** Records one effect, written by the transaction. */
export function recordEffect<Tx>(
  fixture: InboxFixture<Tx>,
  effectId: string,
  row: InboxRow = rowOf('succeeded'),
): Promise<InboxRow> {
  return fixture.inbox.record(effectId, (tx) => {
    fixture.write(tx, effectId);
    return row;
  });
}

/** The fixture of the running test. */
export interface FixtureHolder<Tx> {
  get(): InboxFixture<Tx>;
  /** What `teardown` gets in its place, after it was opened again. */
  replace(fixture: InboxFixture<Tx>): void;
}
