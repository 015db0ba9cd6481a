import { describe, expect, it } from 'vitest';
import {
  type FixtureHolder,
  type InboxFeatures,
  type InboxFixture,
  recordEffect,
  rowOf,
} from './inbox-fixture.ts';

/** What instances of one service see of each other: by this they find out whether their effects are effectively once. */
export function sharingContract<Tx>(features: InboxFeatures, holder: FixtureHolder<Tx>): void {
  const withBeside = async (
    rows: 'same' | 'own',
    look: (one: InboxFixture<Tx>, other: InboxFixture<Tx>) => Promise<void>,
  ): Promise<void> => {
    const one = holder.get();
    if (one.beside === undefined) throw new Error('a shared inbox needs another beside it');
    const other = await one.beside(rows);
    try {
      await look(one, other);
    } finally {
      await other.inbox.stop();
    }
  };

  describe.skipIf(!features.shared)('several instances', () => {
    it('on the same rows see at once what another has recorded, and do not do it again', async () => {
      await withBeside('same', async (one, other) => {
        await recordEffect(one, 'a', rowOf('succeeded', 1));
        expect(await other.inbox.find('a')).toEqual(rowOf('succeeded', 1));
        expect(await recordEffect(other, 'a', rowOf('rejected', 2))).toEqual(rowOf('succeeded', 1));
        await recordEffect(other, 'b', rowOf('succeeded', 3));
        expect(await one.inbox.find('b')).toEqual(rowOf('succeeded', 3));
        expect([...one.effects()].sort()).toEqual(['a', 'b']);
      });
    });

    it('on the same rows do an effect once between them, however close they come', async () => {
      await withBeside('same', async (one, other) => {
        const effects = Array.from({ length: 100 }, (_, index) => `effect-${index}`);
        await Promise.all(
          effects.flatMap((effect) => [recordEffect(one, effect), recordEffect(other, effect)]),
        );
        expect([...one.effects()].sort()).toEqual([...effects].sort());
      });
    });

    it('on rows of their own see nothing of each other: an effect is done by each of them', async () => {
      await withBeside('own', async (one, other) => {
        await recordEffect(one, 'a');
        expect(await other.inbox.find('a')).toBeUndefined();
        await recordEffect(other, 'a');
        expect([one.effects(), other.effects()]).toEqual([['a'], ['a']]);
      });
    });
  });
}
