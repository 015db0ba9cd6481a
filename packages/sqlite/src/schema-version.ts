import type { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '@troupe/core';

/** One part of a file's schema that grows over releases. The user's own tables in the file are not its business. */
export interface SchemaHistory {
  /** Names the part in the version table and in errors. */
  readonly component: string;
  /** Statement lists that lead from version n to n + 1, the first from nothing to 1. Never change one that was released. */
  readonly migrations: readonly string[];
}

/**
 * Brings the part of the file up to the version that this code knows, all or nothing, also when two processes
 * open the file at once. Throws a `ConfigurationError` for a file that a newer release has written.
 *
 * The version is a row and not `PRAGMA user_version`, which belongs to the user's own tables in the same file.
 */
export function migrate(database: DatabaseSync, path: string, history: SchemaHistory): void {
  const { component, migrations } = history;
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS troupe_schema (component TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL) STRICT',
    );
    const version = versionOf(database, component);
    if (version > migrations.length) {
      throw new ConfigurationError(
        `${path} was written by a newer release: its ${component} tables have version ${version}, this release knows up to ${migrations.length}. Run the newer release, or give this one another file.`,
        { details: { path, component, version, versionKnown: migrations.length } },
      );
    }
    for (const migration of migrations.slice(version)) database.exec(migration);
    database
      .prepare(
        'INSERT INTO troupe_schema (component, version) VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version',
      )
      .run(component, migrations.length);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync, component: string): number {
  const row = database
    .prepare('SELECT version FROM troupe_schema WHERE component = ?')
    .get(component);
  const version = row?.['version'] ?? 0;
  return typeof version === 'number' ? version : Number.NaN;
}
