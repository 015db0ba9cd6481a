import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { InboxRow } from '@troupe/core';
import { type InboxFixture, inboxContract } from '@troupe/testing/inbox-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqliteInbox, type SqliteInbox } from './sqlite-inbox.ts';

let folder = '';
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-sqlite-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function newPath(): string {
  files += 1;
  return join(folder, `inbox-${files}.db`);
}

async function open(path: string): Promise<SqliteInbox> {
  const inbox = createSqliteInbox({
    path,
    onOpen: (db) => db.exec('CREATE TABLE IF NOT EXISTS effects (effect TEXT)'),
  });
  await inbox.start();
  return inbox;
}

async function openFixture(path: string): Promise<InboxFixture<DatabaseSync>> {
  const inbox = await open(path);
  return {
    inbox,
    write: (tx, effect) => tx.prepare('INSERT INTO effects (effect) VALUES (?)').run(effect),
    effects: () =>
      inbox.database
        .prepare('SELECT effect FROM effects')
        .all()
        .map(({ effect }) => String(effect)),
    async reopen() {
      await inbox.stop();
      return openFixture(path);
    },
    beside: (rows) => openFixture(rows === 'same' ? path : newPath()),
    recorder: {
      file: fileURLToPath(new URL('./sqlite-inbox.recorder.ts', import.meta.url)),
      args: [path],
    },
  };
}

inboxContract(
  'sqlite',
  { durable: true, shared: true, effects: true, asyncWork: false },
  {
    setup: () => openFixture(newPath()),
    teardown: ({ inbox }) => inbox.stop(),
  },
);

const handled: InboxRow = { status: 'handled', outcome: undefined, recordedAtMs: 1 };

describe('the file', () => {
  it('is in WAL mode and waits for the disk unless told otherwise', async () => {
    const full = createSqliteInbox({ path: newPath() });
    const normal = createSqliteInbox({ path: newPath(), synchronous: 'normal' });
    await Promise.all([full.start(), normal.start()]);
    const pragma = (inbox: SqliteInbox, name: string) =>
      Object.values(inbox.database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(pragma(full, 'journal_mode')).toBe('wal');
    expect([pragma(full, 'synchronous'), pragma(normal, 'synchronous')]).toEqual([2, 1]);
    await Promise.all([full.stop(), normal.stop()]);
  });

  it('says which folder is missing', async () => {
    const path = join(folder, 'missing', 'inbox.db');
    await expect(createSqliteInbox({ path }).start()).rejects.toThrow(
      new RegExp(`^${path} cannot be opened as a database: .*folder must exist`),
    );
  });

  it('says that a file is no database, and leaves it as it was', async () => {
    const path = newPath();
    const { writeFileSync, readFileSync } = await import('node:fs');
    writeFileSync(path, 'these are no pages of a database, but long enough to look at'.repeat(20));
    await expect(createSqliteInbox({ path }).start()).rejects.toMatchObject({
      code: 'store-unavailable',
      retryable: false,
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toMatch(/^these are no pages/);
  });

  it('refuses one of a newer release, naming both versions, and does not touch it', async () => {
    const path = newPath();
    const inbox = await open(path);
    inbox.database.exec("UPDATE troupe_schema SET version = 99 WHERE component = 'inbox'");
    await inbox.stop();
    await expect(open(path)).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringMatching(/newer release.*version 99.*knows up to 1/),
    });
    const database = new DatabaseSync(path);
    expect(database.prepare('SELECT version FROM troupe_schema').get()).toEqual({ version: 99 });
    database.close();
  });

  it('leaves PRAGMA user_version to the user', async () => {
    const path = newPath();
    const inbox = createSqliteInbox({ path, onOpen: (db) => db.exec('PRAGMA user_version = 7') });
    await inbox.start();
    await inbox.stop();
    await inbox.start();
    expect(inbox.database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 7 });
    await inbox.stop();
  });

  it('is closed again when onOpen throws, and the error says so', async () => {
    const inbox = createSqliteInbox({
      path: newPath(),
      onOpen: (db) => db.exec('CREATE TABEL x'),
    });
    await expect(inbox.start()).rejects.toThrow(/onOpen.*syntax error/);
    expect(() => inbox.database).toThrow(/not started/);
  });

  it('refuses an onOpen that returns a promise', async () => {
    const inbox = createSqliteInbox({ path: newPath(), onOpen: async () => undefined });
    await expect(inbox.start()).rejects.toThrow(/onOpen.*promise/);
  });

  it('can be written by two processes: one waits for the other', async () => {
    const path = newPath();
    const one = await open(path);
    const two = await open(path);
    const ids = Array.from({ length: 50 }, (_, index) => `effect-${index}`);
    let runs = 0;
    const record = (inbox: SqliteInbox) => (effectId: string) =>
      inbox.record(effectId, () => {
        runs += 1;
        return handled;
      });
    await Promise.all([...ids.map(record(one)), ...ids.map(record(two))]);
    expect(runs).toBe(50);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('rejects retryably, naming the cause, when another process keeps the lock', async () => {
    const path = newPath();
    const inbox = createSqliteInbox({ path, lockTimeoutMs: 1 });
    await inbox.start();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const records = ['a', 'b'].map((effectId) => inbox.record(effectId, () => handled));
    for (const settled of await Promise.allSettled(records)) {
      expect(settled).toMatchObject({
        status: 'rejected',
        reason: { code: 'store-unavailable', retryable: true },
      });
      expect(String(settled.status === 'rejected' && settled.reason)).toMatch(/write lock/);
    }
    other.exec('ROLLBACK');
    other.close();
    expect(await inbox.record('a', () => handled)).toEqual(handled);
    await inbox.stop();
  });
});

describe('work that ends the transaction', () => {
  for (const [what, statements] of [
    ['commits it', 'COMMIT'],
    ['rolls it back', 'ROLLBACK'],
    ['commits it and begins another', 'COMMIT; BEGIN'],
  ] as const) {
    it(`that ${what} is refused with everything that shared it, and all can be recorded again`, async () => {
      const inbox = await open(newPath());
      const before = inbox.record('before', () => handled);
      const ending = inbox.record('ending', (tx) => {
        tx.exec(statements);
        return handled;
      });
      const settled = await Promise.allSettled([before, ending]);
      expect(settled).toMatchObject([
        { status: 'rejected', reason: { code: 'store-unavailable', retryable: true } },
        { status: 'rejected', reason: { code: 'terminal' } },
      ]);
      expect(inbox.find('ending')).toBeUndefined();
      expect(await inbox.record('before', () => handled)).toEqual(handled);
      expect(await inbox.record('ending', () => handled)).toEqual(handled);
      await inbox.stop();
    });
  }
});

it('a damaged row fails its own effect only, and says where to look', async () => {
  const inbox = await open(newPath());
  await inbox.record('a', () => handled);
  inbox.database.exec("UPDATE troupe_inbox SET status = 'nonsense'");
  expect(() => inbox.find('a')).toThrow(/row of a \(status nonsense\).*troupe_inbox/);
  const [damaged, sound] = await Promise.allSettled([
    inbox.record('a', () => handled),
    inbox.record('b', () => handled),
  ]);
  expect([damaged.status, sound.status]).toEqual(['rejected', 'fulfilled']);
  await inbox.stop();
});
