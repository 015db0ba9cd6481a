import type { InboxRow, InboxStatus } from '@troupe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durabilityContract } from './durability-contract.ts';
import {
  type FixtureHolder,
  type InboxFeatures,
  type InboxFixture,
  type InboxSetup,
  recordEffect,
  rowOf,
} from './inbox-fixture.ts';
import { sharingContract } from './sharing-contract.ts';
import { transactionContract } from './transaction-contract.ts';

/** Every status but `failed`, which is replaced. */
const finalStatuses: readonly InboxStatus[] = [
  'succeeded',
  'rejected',
  'skipped',
  'cancelled',
  'compensated',
  'handled',
];

/** Keeps each sentence of the port `Inbox`. Call it at the top of a test file of the implementation. */
export function inboxContract<Tx>(
  name: string,
  features: InboxFeatures,
  { setup, teardown }: InboxSetup<Tx>,
): void {
  describe(`inbox contract: ${name}`, () => {
    let fixture: InboxFixture<Tx>;
    const record = (effectId: string, row?: InboxRow) => recordEffect(fixture, effectId, row);

    beforeEach(async () => {
      fixture = await setup();
    });
    afterEach(() => teardown(fixture));

    it('says whether rows survive a crash', () => {
      expect(fixture.inbox.durable).toBe(features.durable);
    });

    it('finds the row that was recorded, and nothing before', async () => {
      expect(await fixture.inbox.find('a')).toBeUndefined();
      const row = rowOf('rejected');
      expect(await record('a', row)).toEqual(row);
      expect(await fixture.inbox.find('a')).toEqual(row);
      expect(await fixture.inbox.find('A')).toBeUndefined();
    });

    it('keeps every byte of an outcome, and any text as effect id', async () => {
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const headers = { ce_id: 'x', 'content-type': 'application/avro', note: 'é😀"\\\n' };
      const outcome = { topic: 't', type: 'shop.A', key: "o'1😀", value, headers };
      const row: InboxRow = { status: 'succeeded', outcome, recordedAtMs: 1_700_000_000_123 };
      const effectId = `place-order/a/execute/0/o'"; --\u{1f600}`;
      await record(effectId, row);
      const found = await fixture.inbox.find(effectId);
      expect(found).toEqual(row);
      expect(new Uint8Array(found?.outcome?.value ?? [])).toEqual(value);
    });

    it('keeps a row without an outcome', async () => {
      const row: InboxRow = { status: 'handled', outcome: undefined, recordedAtMs: 1 };
      await record('a', row);
      expect(await fixture.inbox.find('a')).toEqual(row);
    });

    for (const status of finalStatuses) {
      it(`keeps a ${status} row and does not run the work of that effect again`, async () => {
        const first = rowOf(status);
        await record('a', first);
        let ran = false;
        const second = await fixture.inbox.record('a', () => {
          ran = true;
          return rowOf('failed');
        });
        expect({ ran, second }).toEqual({ ran: false, second: first });
        expect(await fixture.inbox.find('a')).toEqual(first);
      });
    }

    it('replaces a failed row', async () => {
      await record('a', rowOf('failed'));
      const row = rowOf('succeeded', 7);
      expect(await record('a', row)).toEqual(row);
      expect(await fixture.inbox.find('a')).toEqual(row);
    });

    it('keeps a failed row without an outcome, as of an effect in doubt, and replaces it', async () => {
      const doubt: InboxRow = { status: 'failed', outcome: undefined, recordedAtMs: 1 };
      expect(await fixture.inbox.record('a', () => doubt)).toEqual(doubt);
      expect(await fixture.inbox.find('a')).toEqual(doubt);
      expect(await record('a')).toEqual(rowOf('succeeded'));
      expect(await fixture.inbox.find('a')).toEqual(rowOf('succeeded'));
      await fixture.inbox.record('b', () => doubt);
      expect(await fixture.inbox.prune(2)).toBe(1);
      expect(await fixture.inbox.find('b')).toBeUndefined();
    });

    it('runs the work once when the same effect is recorded many times at once', async () => {
      let runs = 0;
      const rows = await Promise.all(
        Array.from({ length: 20 }, () =>
          fixture.inbox.record('a', (tx) => {
            runs += 1;
            fixture.write(tx, 'a');
            return rowOf('succeeded', runs);
          }),
        ),
      );
      expect(runs).toBe(1);
      expect(new Set(rows.map((row) => row.recordedAtMs))).toEqual(new Set([1]));
    });

    it('records different effects at once', async () => {
      const effectIds = Array.from({ length: 700 }, (_, index) => `effect-${index}`);
      await Promise.all(effectIds.map((effectId) => record(effectId)));
      for (const effectId of effectIds) {
        expect(await fixture.inbox.find(effectId)).toEqual(rowOf('succeeded'));
      }
    });

    it('writes nothing when the work throws, passes the error on, and runs it at the next attempt', async () => {
      const error = new Error('no stock');
      const failing = fixture.inbox.record('a', (tx) => {
        fixture.write(tx, 'a');
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(await fixture.inbox.find('a')).toBeUndefined();
      expect(await record('a')).toEqual(rowOf('succeeded'));
    });

    it('keeps a failed row when the work that would replace it throws', async () => {
      await record('a', rowOf('failed'));
      const failing = fixture.inbox.record('a', () => {
        throw new Error('again');
      });
      await expect(failing).rejects.toThrow('again');
      expect(await fixture.inbox.find('a')).toEqual(rowOf('failed'));
    });

    it('refuses a record inside the work of another one', async () => {
      let nested: Promise<unknown> = Promise.resolve();
      await fixture.inbox.record('a', () => {
        nested = fixture.inbox.record('b', () => rowOf('succeeded')).catch((error) => error);
        return rowOf('succeeded');
      });
      expect(await nested).toMatchObject({
        code: 'terminal',
        message: expect.stringMatching(/^b /),
      });
      expect(await fixture.inbox.find('b')).toBeUndefined();
      expect(await fixture.inbox.find('a')).toEqual(rowOf('succeeded'));
    });

    it('prunes the rows written before a time, and only those', async () => {
      for (let atMs = 0; atMs < 1_500; atMs += 1)
        void record(`old-${atMs}`, rowOf('succeeded', atMs));
      await record('new', rowOf('succeeded', 2_000));
      await record('failed', rowOf('failed', 1));
      expect(await fixture.inbox.prune(1_400)).toBe(1_401);
      expect(await fixture.inbox.find('old-1399')).toBeUndefined();
      expect(await fixture.inbox.find('failed')).toBeUndefined();
      expect(await fixture.inbox.find('old-1400')).toBeDefined();
      expect(await fixture.inbox.find('new')).toBeDefined();
      expect(await fixture.inbox.prune(1_400)).toBe(0);
    });

    it('start and stop are idempotent, and a stopped inbox refuses work until it is started again', async () => {
      await record('a');
      await fixture.inbox.start();
      expect(await fixture.inbox.find('a')).toBeDefined();
      await fixture.inbox.stop();
      await fixture.inbox.stop();
      await expect(record('b')).rejects.toMatchObject({ code: 'stopped' });
      expect(() => fixture.inbox.find('a')).toThrow(expect.objectContaining({ code: 'stopped' }));
      await fixture.inbox.start();
      await record('b');
    });

    it('stop ends after the records that were begun', async () => {
      const begun = Promise.all([record('a'), record('b')]);
      await fixture.inbox.stop();
      expect(await begun).toEqual([rowOf('succeeded'), rowOf('succeeded')]);
      await fixture.inbox.start();
    });

    const holder: FixtureHolder<Tx> = {
      get: () => fixture,
      replace: (next) => {
        fixture = next;
      },
    };
    transactionContract(features, holder);
    sharingContract(features, holder);
    durabilityContract(features, holder);
  });
}
