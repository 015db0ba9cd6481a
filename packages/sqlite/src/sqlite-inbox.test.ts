import { inboxContract } from '@troupe/testing/inbox-contract';
import { createSqliteInbox } from './sqlite-inbox.ts';

inboxContract(
  'sqlite :memory:',
  { durable: false, shared: false, effects: true, asyncWork: false },
  {
    async setup() {
      const inbox = createSqliteInbox({
        path: ':memory:',
        onOpen: (db) => db.exec('CREATE TABLE effects (effect TEXT)'),
      });
      await inbox.start();
      const fixture = {
        inbox,
        write: (tx: typeof inbox.database, effect: string) =>
          tx.prepare('INSERT INTO effects (effect) VALUES (?)').run(effect),
        effects: () =>
          inbox.database
            .prepare('SELECT effect FROM effects')
            .all()
            .map(({ effect }) => String(effect)),
        reopen: async () => fixture,
        beside: undefined,
        recorder: undefined,
      };
      return fixture;
    },
    teardown: ({ inbox }) => inbox.stop(),
  },
);
