export type { SqliteInboxOptions } from './inbox-file.ts';
export { createSqliteInbox, type SqliteInbox } from './sqlite-inbox.ts';
