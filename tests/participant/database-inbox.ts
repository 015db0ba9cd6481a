import type { Inbox, InboxRow } from '@troupe/core';

/** What one database holds: inbox rows, and effects in the order of their commits. */
export class Database {
  readonly rows = new Map<string, InboxRow>();
  /** What instances write to know each other by: rows of the inbox too, of no event. */
  readonly marks = new Map<string, InboxRow>();
  readonly effects: string[] = [];
  /** Set: every call of the inbox fails with it. */
  fault: Error | undefined;
}

/** What a handler writes with, inside a transaction. */
export interface Tx {
  write(effect: string): void;
}

/** One process's connection to a database that outlives it. */
export class DatabaseInbox implements Inbox<Tx> {
  readonly durable = true;
  readonly database: Database;
  started = 0;
  stopped = 0;

  constructor(database: Database = new Database()) {
    this.database = database;
  }

  async start(): Promise<void> {
    this.started += 1;
  }

  async stop(): Promise<void> {
    this.stopped += 1;
  }

  find(effectId: string): InboxRow | undefined {
    this.#assertAnswers();
    return this.#rowsOf(effectId).get(effectId);
  }

  async record(
    effectId: string,
    work: (tx: Tx) => InboxRow | Promise<InboxRow>,
  ): Promise<InboxRow> {
    this.#assertAnswers();
    const { effects } = this.database;
    const rows = this.#rowsOf(effectId);
    const before = rows.get(effectId);
    if (before !== undefined && before.status !== 'failed') return before;
    const written: string[] = [];
    const row = await work({ write: (effect) => written.push(effect) });
    this.#assertAnswers();
    const meanwhile = rows.get(effectId);
    if (meanwhile !== undefined && meanwhile.status !== 'failed') return meanwhile;
    rows.set(effectId, row);
    effects.push(...written);
    return row;
  }

  async prune(beforeMs: number): Promise<number> {
    const old = [...this.database.rows].filter(([, row]) => row.recordedAtMs < beforeMs);
    for (const [effectId] of old) this.database.rows.delete(effectId);
    return old.length;
  }

  #rowsOf(effectId: string): Map<string, InboxRow> {
    const { rows, marks } = this.database;
    return effectId.startsWith('instance/') ? marks : rows;
  }

  #assertAnswers(): void {
    if (this.database.fault !== undefined) throw this.database.fault;
  }
}
