import { expect } from 'vitest';
import type { OneSaga } from '../stage/one-saga.ts';
import {
  CardDeclined,
  hastyInvoice,
  hastyShip,
  notedOrder,
  OrderRated,
  OrderShipped,
  ShippingRefused,
} from '../stage/order-saga.ts';
import { breaks, didNothing, Held, inTurn, refuses, succeeds } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';

const undone = ['undo charge', 'undo pack', 'undo reserve'];

const undoneIn = ({ effects }: OneSaga) => effects.filter((effect) => effect.startsWith('undo '));

export function pivot(stage: OnStage): void {
  scenarios(
    'rule 9: once a pivot was triggered nothing is undone until it surely did not happen',
    stage,
    {
      'in doubt it is stuck, visibly; its success resolves that': async (stage) => {
        const order = stage.order({ script: { ship: breaks } });
        await order.begin();
        await order.stands('stuck: pivot-in-doubt ship');
        expect(order.life).toContain('doomed: failed ship');
        expect(undoneIn(order)).toEqual([]);
        await order.hear(new OrderShipped({ orderId: order.id }));
        await order.stands('completed');
        expect(undoneIn(order)).toEqual([]);
      },

      'in doubt it is stuck; that it was refused after all lets the rest be undone': async (
        stage,
      ) => {
        const order = stage.order({ script: { ship: breaks } });
        await order.begin();
        await order.stands('stuck: pivot-in-doubt ship');
        expect(order.deadLetters).toEqual(['dock terminal']);
        await order.hear(new ShippingRefused({ orderId: order.id }));
        await order.stands('compensated');
        expect(order.effects).toEqual(expect.arrayContaining(undone));
      },

      'rejected: everything before it is undone': async (stage) => {
        const order = stage.order({ script: { ship: refuses } });
        await order.begin();
        await order.stands('compensated');
        expect(order.effects).toEqual(expect.arrayContaining(undone));
      },

      'failed without doubt: everything before it is undone': async (stage) => {
        const order = stage.order({ script: { ship: didNothing } });
        await order.begin();
        await order.stands('compensated');
        expect(order.effects).toEqual(expect.arrayContaining(undone));
      },

      'timed out: its success, when it comes, outweighs the doom': async (stage) => {
        const shipping = new Held();
        const order = stage.order({ saga: hastyShip, script: { ship: shipping.play } });
        await order.begin();
        await order.stands('stuck: pivot-in-doubt ship');
        expect(order.life).toEqual(expect.arrayContaining(['ship timed out', 'cancel ship']));
        shipping.release();
        await order.stands('completed');
        expect(order.life).toContain('resumed');
        expect(undoneIn(order)).toEqual([]);
      },

      'timed out and durably cancelled: everything before it is undone (ADR 9)': async (stage) => {
        const shipping = new Held();
        const order = stage.order({ saga: hastyShip, script: { ship: shipping.play } });
        await order.begin();
        await order.stands('stuck: pivot-in-doubt ship');
        await order.hearSkip('ship', 'cancelled');
        await order.stands('compensated');
        expect(order.life).toContain('resumed');
        expect(order.effects).toEqual(expect.arrayContaining(undone));
        shipping.release(didNothing);
      },

      'a contradiction before it dooms the saga, and yet nothing is undone once it succeeded':
        async (stage) => {
          const shipping = new Held();
          const order = stage.order({ script: { ship: shipping.play } });
          await order.begin();
          await shipping.begun;
          await order.hear(new CardDeclined({ orderId: order.id }));
          await order.until('doomed: contradictory-outcomes charge');
          await order.until('cancel ship');
          shipping.release();
          await order.stands('stuck: contradictory-outcomes charge');
          expect(undoneIn(order)).toEqual([]);
        },
    },
  );

  scenarios('rule 9: after a succeeded pivot there is no way back', stage, {
    'a failing step is asked for again until it succeeds': async (stage) => {
      const order = stage.order({ script: { invoice: inTurn(breaks, succeeds) } });
      await order.begin();
      await order.stands('completed');
      expect(order.life).toEqual(
        expect.arrayContaining(['invoice failed in doubt', 'request invoice']),
      );
      expect(undoneIn(order)).toEqual([]);
      expect(order.effects.filter((effect) => effect === 'invoice')).toHaveLength(1);
    },

    'so is one beside the pivot, with the inputs that it had': async (stage) => {
      const noting = new Held();
      const script = { note: inTurn(noting.play, succeeds) };
      const order = stage.order({ saga: notedOrder, script });
      await order.begin();
      await order.until('ship succeeded');
      noting.release(breaks);
      await order.stands('completed');
      expect(order.life).toEqual(
        expect.arrayContaining(['note failed in doubt', 'request note', 'note succeeded']),
      );
      const inputs = order.callsOf('note').map(({ input }) => input);
      const rated = new OrderRated({ orderId: order.id, stars: 5 });
      expect(inputs).toEqual([rated, rated]);
    },

    'so is one that timed out: a late answer counts': async (stage) => {
      const invoicing = new Held();
      const order = stage.order({ saga: hastyInvoice, script: { invoice: invoicing.play } });
      await order.begin();
      await order.until('invoice timed out');
      await order.until('request invoice');
      invoicing.release();
      await order.stands('completed');
      expect(order.effects.filter((effect) => effect === 'invoice')).toHaveLength(1);
    },
  });
}
