import { createMemoryInbox } from '@troupe/core/memory';
import { expect, it } from 'vitest';
import { inboxContract } from './inbox-contract/index.ts';

inboxContract(
  'memory',
  { durable: false, shared: false, effects: false, asyncWork: true },
  {
    async setup() {
      const inbox = createMemoryInbox();
      await inbox.start();
      const fixture = {
        inbox,
        write: () => undefined,
        effects: () => [],
        reopen: async () => fixture,
        beside: undefined,
        recorder: undefined,
      };
      return fixture;
    },
    teardown: ({ inbox }) => inbox.stop(),
  },
);

it('forgets the oldest rows beyond its limit', async () => {
  const inbox = createMemoryInbox({ rowsMax: 2 });
  await inbox.start();
  for (const effectId of ['a', 'b', 'c']) {
    await inbox.record(effectId, () => ({
      status: 'handled',
      outcome: undefined,
      recordedAtMs: 1,
    }));
  }
  expect(['a', 'b', 'c'].map((effectId) => inbox.find(effectId) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
});
