import { expect } from 'vitest';
import type { OneSaga } from '../stage/one-saga.ts';
import { CardCharged, CardDeclined, GoodsPacked } from '../stage/order-saga.ts';
import { Held } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';

/** How many facts of `charge` are known, deviations aside. */
const chargeFactsOf = ({ life }: OneSaga) =>
  life.filter((text) => text.startsWith('charge ')).length;

export function outcomes(stage: OnStage): void {
  scenarios('rule 10: outcomes merge without order (I4)', stage, {
    'in either order they are one progress': async (stage) => {
      const [one, other] = [stage.order(), stage.order()];
      const tell = {
        charged: (order: OneSaga) => order.hear(new CardCharged({ orderId: order.id })),
        declined: (order: OneSaga) => order.hear(new CardDeclined({ orderId: order.id })),
        failed: (order: OneSaga) => order.hearFailure('charge'),
        skipped: (order: OneSaga) => order.hearSkip('charge', 'cancelled'),
      };
      const inOrder = async (order: OneSaga, ...news: readonly (keyof typeof tell)[]) => {
        for (const [index, one] of news.entries()) {
          await tell[one](order);
          await order.sees(() => expect(chargeFactsOf(order)).toBe(index + 1));
        }
      };
      await inOrder(one, 'charged', 'declined', 'failed', 'skipped');
      await inOrder(other, 'skipped', 'failed', 'declined', 'charged');
      const known = ({ progress, id }: OneSaga) => {
        const { successes, rejection, failure, skipped } = progress?.steps['charge'] ?? {};
        const facts = { successes, rejection, failures: failure?.eventIds, skipped };
        return JSON.stringify(facts).replaceAll(id, 'it');
      };
      expect(known(one)).toBe(known(other));
      for (const order of [one, other]) {
        await order.begin();
        await order.until('doomed: contradictory-outcomes charge');
      }
    },
  });

  scenarios('rule 10: contradictory outcomes', stage, {
    'before the pivot are a deviation and doom the saga': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await order.until('charge succeeded');
      await order.hear(new CardDeclined({ orderId: order.id }));
      await order.until('deviation: contradictory-outcomes');
      await order.until('doomed: contradictory-outcomes charge');
      packing.release();
      await order.stands('compensated');
      expect(order.effects).toContain('undo charge');
    },

    'two successes of one step are each undone': async (stage) => {
      const charging = new Held();
      const order = stage.order({ script: { charge: charging.play } });
      await order.begin();
      await order.until('pack succeeded');
      await order.hear(new GoodsPacked({ orderId: order.id }), { id: `again ${order.id}` });
      await order.until('doomed: contradictory-outcomes pack');
      charging.release();
      await order.stands('compensated');
      expect(order.effects.filter((effect) => effect === 'undo pack')).toHaveLength(2);
    },

    'after the pivot leave the saga stuck, and undo nothing': async (stage) => {
      const invoicing = new Held();
      const order = stage.order({ script: { invoice: invoicing.play } });
      await order.begin();
      await order.until('ship succeeded');
      await order.hear(new CardDeclined({ orderId: order.id }));
      await order.stands('stuck: contradictory-outcomes charge');
      invoicing.release();
      await order.until('invoice succeeded');
      expect(order.standing).toBe('stuck: contradictory-outcomes charge');
      expect(order.effects.filter((effect) => effect.startsWith('undo '))).toEqual([]);
    },
  });
}
