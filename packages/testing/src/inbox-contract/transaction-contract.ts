import type { InboxRow } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { type FixtureHolder, type InboxFeatures, recordEffect, rowOf } from './inbox-fixture.ts';

/** One transaction for the work, its effects and its row. */
export function transactionContract<Tx>(features: InboxFeatures, holder: FixtureHolder<Tx>): void {
  const record = (effectId: string, row?: InboxRow) => recordEffect(holder.get(), effectId, row);

  describe.skipIf(!features.asyncWork)('asynchronous work', () => {
    it('waits for the work, and runs that of one effect once', async () => {
      let runs = 0;
      const work = async (): Promise<InboxRow> => {
        runs += 1;
        await Promise.resolve();
        return rowOf('succeeded', runs);
      };
      const rows = await Promise.all([
        holder.get().inbox.record('a', work),
        holder.get().inbox.record('a', work),
      ]);
      expect(rows).toEqual([rowOf('succeeded', 1), rowOf('succeeded', 1)]);
    });

    it('lets the next record of the effect run after the work was rejected', async () => {
      const failing = holder.get().inbox.record('a', () => Promise.reject(new Error('later')));
      const next = record('a');
      await expect(failing).rejects.toThrow('later');
      expect(await next).toEqual(rowOf('succeeded'));
    });
  });

  describe.skipIf(features.asyncWork)('asynchronous work, which is not supported', () => {
    it('is refused before it begins where it can be told', async () => {
      let ran = false;
      const refused = holder.get().inbox.record('a', async () => {
        ran = true;
        return rowOf('succeeded');
      });
      await expect(refused).rejects.toMatchObject({ code: 'terminal' });
      expect(ran).toBe(false);
    });

    it('is refused with the way out when it returns a promise, and nothing is written', async () => {
      const refused = holder.get().inbox.record('a', (tx) => {
        holder.get().write(tx, 'a');
        return Promise.reject(new Error('never seen'));
      });
      await expect(refused).rejects.toThrow(/synchronous.*Await what you need first/);
      expect(await holder.get().inbox.find('a')).toBeUndefined();
      expect(holder.get().effects()).toEqual([]);
    });
  });

  describe.skipIf(!features.effects)('effects in the same transaction', () => {
    it('writes the effect and the row', async () => {
      await record('a');
      await record('a');
      expect(holder.get().effects()).toEqual(['a']);
    });

    it('writes no effect when the work throws, and harms no other record of the same moment', async () => {
      const settled = await Promise.allSettled([
        record('a'),
        holder.get().inbox.record('b', (tx) => {
          holder.get().write(tx, 'b');
          throw new Error('no stock');
        }),
        record('c'),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect([...holder.get().effects()].sort()).toEqual(['a', 'c']);
    });

    it('lets a work see the effects recorded before it', async () => {
      const seen: (readonly string[])[] = [];
      await Promise.all([
        record('a'),
        holder.get().inbox.record('b', () => {
          seen.push(holder.get().effects());
          return rowOf('succeeded');
        }),
      ]);
      expect(seen).toEqual([['a']]);
    });
  });
}
