import { createSqliteInbox } from './sqlite-inbox.ts';

/** Records effects until it is killed: see `InboxFixture.recorder`. Arguments: the file. */
const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: sqlite-inbox.recorder.ts <file>');

const inbox = createSqliteInbox({ path });
await inbox.start();
const insert = inbox.database.prepare('INSERT INTO effects (effect) VALUES (?)');

/** Several at once, so that the kill meets transactions of many records. */
async function recordForever(worker: number): Promise<void> {
  for (let index = 0; ; index += 1) {
    const effectId = `${worker}-${index}`;
    await inbox.record(effectId, () => {
      insert.run(effectId);
      return { status: 'handled', outcome: undefined, recordedAtMs: 1 };
    });
    process.stdout.write(`${effectId}\n`);
  }
}
await Promise.all([0, 1, 2, 3, 4].map(recordForever));
