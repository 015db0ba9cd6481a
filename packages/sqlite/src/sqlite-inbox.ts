import type { DatabaseSync } from 'node:sqlite';
import { types } from 'node:util';
import { type Inbox, type InboxRow, TerminalError, TroupeError } from '@troupe/core';
import { type OpenFile, openFile, type SqliteInboxOptions } from './inbox-file.ts';
import type { InboxTable } from './inbox-table.ts';
import { asynchronousWork, endedTransaction, nestedRecord, overloaded } from './record-refusals.ts';
import { storeFault } from './store-fault.ts';

/** An inbox in a file which also holds the tables that the effects change. */
export interface SqliteInbox extends Inbox<DatabaseSync> {
  /** The open database. Throws `stopped` before `start` and after `stop`. */
  readonly database: DatabaseSync;
}

/** More would keep the event loop busy for longer than a few milliseconds. */
const recordsPerTransactionMax = 256;
const rowsPerPruneMax = 1_000;
/** Far above what a participant has in flight; what comes beyond is refused, retryably. */
const queuedRecordsMax = 100_000;
/**
 * An inbox on node:sqlite.
 *
 * @example
 * const inbox = createSqliteInbox({
 *   path: 'inventory.db',
 *   onOpen: (db) => db.exec('CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, units INTEGER)'),
 * });
 */
export function createSqliteInbox(options: SqliteInboxOptions): SqliteInbox {
  return new FileInbox(options);
}

type Work = (tx: DatabaseSync) => InboxRow | Promise<InboxRow>;

interface QueuedRecord {
  readonly effectId: string;
  readonly work: Work;
  readonly resolve: (row: InboxRow) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Owns the connection, the inbox's table and the queue of records. Does not own the user's tables.
 *
 * Records of one turn of the event loop share a transaction, so that they share its wait for the disk (measured with
 * `full`: 4,600 records/s one by one, 30,000 with 16 in flight). Each has a savepoint of its own.
 *
 * Invariants
 * 1. A record resolves only after the commit that holds it.
 * 2. One work at a time, start to end, with nothing of another in between: it is synchronous.
 * 3. A work that throws leaves nothing behind and harms no other record of the same transaction.
 * 4. When the transaction itself is lost, every record in it is rejected: none was written, or it is found at the
 *    next attempt.
 */
class FileInbox implements SqliteInbox {
  readonly durable: boolean;
  readonly #options: SqliteInboxOptions;
  #file: OpenFile | undefined;
  #queue: QueuedRecord[] = [];
  #scheduled = false;
  #working = false;

  constructor(options: SqliteInboxOptions) {
    this.#options = options;
    this.durable = options.path !== ':memory:' && options.path !== '';
  }

  get database(): DatabaseSync {
    return this.#opened().database;
  }

  async start(): Promise<void> {
    if (this.#file !== undefined) return;
    this.#file = openFile(this.#options);
  }

  async stop(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    while (this.#queue.length > 0) this.#commitQueue();
    this.#file = undefined;
    file.database.close();
  }

  find(effectId: string): InboxRow | undefined {
    const { table } = this.#opened();
    try {
      return table.find(effectId);
    } catch (error) {
      throw this.#fault('read the inbox', error);
    }
  }

  async record(effectId: string, work: Work): Promise<InboxRow> {
    this.#opened();
    if (this.#working) throw nestedRecord(effectId);
    // Refused before any of it ran: what follows its first `await` would run outside of the transaction.
    if (types.isAsyncFunction(work)) throw asynchronousWork(effectId);
    if (this.#queue.length >= queuedRecordsMax) throw overloaded(effectId, queuedRecordsMax);
    return new Promise((resolve, reject) => {
      this.#queue.push({ effectId, work, resolve, reject });
      this.#schedule();
    });
  }

  async prune(beforeMs: number): Promise<number> {
    let deleted = 0;
    for (;;) {
      const { table } = this.#opened();
      const count = this.#pruneSome(table, beforeMs);
      deleted += count;
      if (count < rowsPerPruneMax) return deleted;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #pruneSome(table: InboxTable, beforeMs: number): number {
    try {
      return table.deleteBefore(beforeMs, rowsPerPruneMax);
    } catch (error) {
      throw this.#fault('delete old inbox rows', error);
    }
  }

  /** Not sooner: the answers of one poll are handled in one turn, and shall share a commit. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#queue.length === 0) return;
      this.#commitQueue();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #commitQueue(): void {
    const records = this.#queue.splice(0, recordsPerTransactionMax);
    const settle: (() => void)[] = [];
    try {
      const file = this.#opened();
      this.#attempt('begin a transaction', () => file.begin.run());
      for (const record of records) settle.push(this.#run(file, record));
      this.#attempt('commit', () => file.commit.run());
    } catch (error) {
      this.#rollBack();
      // Invariant 4. The record that was running has its own error, the others may try again.
      records.forEach(({ effectId, reject }, index) => {
        reject(index === settle.length ? error : this.#lostWith(effectId, error));
      });
      return;
    }
    for (const done of settle) done(); // invariant 1
  }

  /** Returns how the record is settled once the transaction is committed. Throws when the transaction is lost. */
  #run(file: OpenFile, record: QueuedRecord): () => void {
    this.#attempt('set a savepoint', () => file.savepoint.run());
    let row: InboxRow;
    try {
      row = this.#recordOnce(file, record);
    } catch (error) {
      if (!file.database.isTransaction) throw this.#fault(`go on after ${record.effectId}`, error);
      this.#attempt('roll back to a savepoint', () => {
        file.undo.run(); // invariant 3
        file.release.run();
      });
      return () => record.reject(error);
    }
    try {
      file.release.run();
    } catch (cause) {
      throw endedTransaction(record.effectId, cause); // the savepoint is gone
    }
    return () => record.resolve(row);
  }

  #recordOnce({ database, table }: OpenFile, { effectId, work }: QueuedRecord): InboxRow {
    const before = this.#attempt('read the inbox', () => table.find(effectId));
    if (before !== undefined && before.status !== 'failed') return before;
    const row = this.#work(database, effectId, work);
    if (!database.isTransaction) throw endedTransaction(effectId, undefined);
    this.#attempt('write the inbox row', () => table.write(effectId, row));
    return row;
  }

  #work(database: DatabaseSync, effectId: string, work: Work): InboxRow {
    this.#working = true;
    try {
      const row = work(database);
      if (!(row instanceof Promise)) return row;
      // Nobody else will look at it, and an unhandled rejection would end the process.
      row.catch(() => undefined);
      throw asynchronousWork(effectId);
    } finally {
      this.#working = false;
    }
  }

  #rollBack(): void {
    const file = this.#file;
    if (file?.database.isTransaction) this.#attempt('roll back', () => file.rollback.run());
  }

  #attempt<T>(action: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#fault(action, error);
    }
  }

  #fault(action: string, error: unknown): TroupeError {
    if (error instanceof TroupeError) return error;
    return storeFault(this.#options.path, action, error);
  }

  #lostWith(effectId: string, error: unknown): unknown {
    if (!(error instanceof TerminalError)) return error;
    return new TroupeError(
      'store-unavailable',
      `${effectId} was not recorded, because another effect ended the transaction that they shared: ${error.message}`,
      { cause: error, retryable: true, details: { path: this.#options.path, effectId } },
    );
  }

  #opened(): OpenFile {
    if (this.#file !== undefined) return this.#file;
    throw new TroupeError(
      'stopped',
      `the inbox ${this.#options.path} is not started: call start()`,
    );
  }
}
