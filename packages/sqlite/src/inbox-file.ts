import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ConfigurationError, TroupeError } from '@troupe/core';
import { type InboxTable, inboxHistory, openInboxTable } from './inbox-table.ts';
import { migrate } from './schema-version.ts';
import { storeFault } from './store-fault.ts';

export interface SqliteInboxOptions {
  /** The file, made when it is missing; its folder must exist. `:memory:` keeps nothing. */
  readonly path: string;
  /**
   * Called once at start, for the user's own tables in the same file: create and migrate them, prepare statements.
   * Outside of any transaction.
   */
  readonly onOpen?: ((database: DatabaseSync) => void) | undefined;
  /**
   * What a commit waits for. A crash or `kill -9` of the process loses nothing with either.
   * `full` (default): the disk; a power cut or a crash of the machine loses nothing.
   * `normal`: the operating system; a crash of the machine may lose the last commits, effects and rows together.
   * The broker has their outcomes by then, and nothing runs them again: choose it where the effects can be rebuilt.
   */
  readonly synchronous?: 'full' | 'normal' | undefined;
  /** How long a commit waits for another process that writes to the file, blocking this one. Default 1,000. */
  readonly lockTimeoutMs?: number | undefined;
}

/** The open file with the statements of its transactions, each prepared once. */
export interface OpenFile {
  readonly database: DatabaseSync;
  readonly table: InboxTable;
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly rollback: StatementSync;
  readonly savepoint: StatementSync;
  readonly release: StatementSync;
  readonly undo: StatementSync;
}

/** After a checkpoint the write-ahead log is cut back to this, so that one burst does not keep its disk space. */
const walBytesMax = 64 * 1_048_576;

/** Opens the file and brings its inbox table up to date. Throws when it cannot be used; it is closed again then. */
export function openFile({
  path,
  onOpen,
  synchronous = 'full',
  lockTimeoutMs = 1_000,
}: SqliteInboxOptions): OpenFile {
  const database = openDatabase(path, lockTimeoutMs);
  try {
    // The write-ahead log lets others read while an effect is written, and one fsync makes a commit durable.
    database.exec(`PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'};
      PRAGMA journal_size_limit = ${walBytesMax};`);
    migrate(database, path, inboxHistory);
    if (onOpen !== undefined) runOnOpen(onOpen, database, path);
    return {
      database,
      table: openInboxTable(database),
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      savepoint: database.prepare('SAVEPOINT troupe_record'),
      release: database.prepare('RELEASE troupe_record'),
      undo: database.prepare('ROLLBACK TO troupe_record'),
    };
  } catch (error) {
    database.close();
    throw error instanceof TroupeError ? error : storeFault(path, 'be opened', error);
  }
}

function runOnOpen(
  onOpen: (database: DatabaseSync) => unknown,
  database: DatabaseSync,
  path: string,
): void {
  let result: unknown;
  try {
    result = onOpen(database);
  } catch (cause) {
    throw new ConfigurationError(`${path}: onOpen failed: ${messageOf(cause)}`, { cause });
  }
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new ConfigurationError(
      `${path}: onOpen returned a promise: node:sqlite is synchronous, so make it a function without await`,
    );
  }
}

function openDatabase(path: string, timeout: number): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout });
  } catch (cause) {
    throw new ConfigurationError(
      `${path} cannot be opened as a database: ${messageOf(cause)}. Its folder must exist and be writable.`,
      { cause, details: { path } },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
