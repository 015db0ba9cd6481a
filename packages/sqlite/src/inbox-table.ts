import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type InboxRow, type InboxStatus, type StoredOutcome, TroupeError } from '@troupe/core';
import type { SchemaHistory } from './schema-version.ts';

/**
 * A table with a rowid and not one clustered by effect id: ids arrive in random order, and the row's bytes would
 * make every insert rewrite a page of their own (measured: 12,700 instead of 21,000 records/s).
 */
export const inboxHistory: SchemaHistory = {
  component: 'inbox',
  migrations: [
    `CREATE TABLE troupe_inbox (
       effect_id TEXT PRIMARY KEY NOT NULL,
       status TEXT NOT NULL,
       recorded_at_ms INTEGER NOT NULL,
       topic TEXT,
       type TEXT,
       key TEXT,
       value BLOB,
       headers TEXT
     ) STRICT;
     CREATE INDEX troupe_inbox_recorded_at ON troupe_inbox (recorded_at_ms);`,
  ],
};

/** The inbox's table behind one prepared statement for each use. Transactions are the caller's. */
export interface InboxTable {
  find(effectId: string): InboxRow | undefined;
  /** Inserts the row; replaces one that is there. */
  write(effectId: string, row: InboxRow): void;
  /** Deletes up to `rowsMax` rows written before `beforeMs`, the oldest first; the number deleted. */
  deleteBefore(beforeMs: number, rowsMax: number): number;
}

export function openInboxTable(database: DatabaseSync): InboxTable {
  const select = database.prepare(
    'SELECT status, recorded_at_ms, topic, type, key, value, headers FROM troupe_inbox WHERE effect_id = ?',
  );
  const upsert = database.prepare(
    `INSERT INTO troupe_inbox (effect_id, status, recorded_at_ms, topic, type, key, value, headers)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (effect_id) DO UPDATE SET
       status = excluded.status, recorded_at_ms = excluded.recorded_at_ms, topic = excluded.topic,
       type = excluded.type, key = excluded.key, value = excluded.value, headers = excluded.headers`,
  );
  const deleteOldest = database.prepare(
    `DELETE FROM troupe_inbox WHERE rowid IN (
       SELECT rowid FROM troupe_inbox WHERE recorded_at_ms < ? ORDER BY recorded_at_ms LIMIT ?)`,
  );
  return {
    find(effectId) {
      const columns = select.get(effectId);
      return columns === undefined ? undefined : readRow(effectId, columns);
    },
    write(effectId, { status, recordedAtMs, outcome }) {
      upsert.run(effectId, status, recordedAtMs, ...outcomeColumns(outcome));
    },
    deleteBefore: (beforeMs, rowsMax) => Number(deleteOldest.run(beforeMs, rowsMax).changes),
  };
}

const noOutcome: readonly SQLInputValue[] = [null, null, null, null, null];

function outcomeColumns(outcome: StoredOutcome | undefined): readonly SQLInputValue[] {
  if (outcome === undefined) return noOutcome;
  const { topic, type, key, value, headers } = outcome;
  return [topic, type, key, value, JSON.stringify(headers)];
}

/** Every status there is; written as a record so that the compiler misses none. */
const statuses: Readonly<Record<InboxStatus, true>> = {
  succeeded: true,
  rejected: true,
  skipped: true,
  cancelled: true,
  failed: true,
  compensated: true,
  handled: true,
};

type Columns = Readonly<Record<string, unknown>>;

/** The decode boundary: another tool may have written to the file. */
function readRow(effectId: string, columns: Columns): InboxRow {
  const { status, recorded_at_ms: recordedAtMs } = columns;
  if (!isStatus(status) || typeof recordedAtMs !== 'number') throw damaged(effectId, columns);
  if (columns['topic'] === null) return { status, recordedAtMs, outcome: undefined };
  const { topic, type, key, value, headers } = columns;
  if (
    typeof topic !== 'string' ||
    typeof type !== 'string' ||
    typeof key !== 'string' ||
    !(value instanceof Uint8Array) ||
    typeof headers !== 'string'
  ) {
    throw damaged(effectId, columns);
  }
  return {
    status,
    recordedAtMs,
    outcome: { topic, type, key, value, headers: JSON.parse(headers) as Record<string, string> },
  };
}

function isStatus(status: unknown): status is InboxStatus {
  return typeof status === 'string' && Object.hasOwn(statuses, status);
}

function damaged(effectId: string, { status }: Columns): TroupeError {
  return new TroupeError(
    'store-unavailable',
    `the inbox row of ${effectId} (status ${String(status)}) was not written by this release: look at it in troupe_inbox, then mend or delete it`,
    { details: { effectId, status } },
  );
}
