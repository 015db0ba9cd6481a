import { expect } from 'vitest';
import type { OneSaga } from '../stage/one-saga.ts';
import { CardDeclined, ShippingRefused, StockReserved } from '../stage/order-saga.ts';
import { breaks, Held, refuses } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';
import type { Stage } from '../stage/stage.ts';

interface Stuck {
  readonly reason: string;
  readonly step: string;
  readonly saga: OneSaga;
}

/** What each way of being stuck is seen by. */
async function isSeen(stage: Stage, { reason, step, saga }: Stuck): Promise<void> {
  await saga.stands(`stuck: ${reason} ${step}`);
  await saga.sees(() => {
    expect(stage.linesOf(saga.id)).toContainEqual({
      level: 'error',
      message: `a saga is stuck: ${reason}`,
      fields: { saga: saga.ref, sagaId: saga.id, reason, step },
    });
    expect(stage.spansOf(saga.id)).toContainEqual(
      expect.objectContaining({
        'troupe.outcome': 'stuck',
        'troupe.cause': reason,
        'troupe.step': step,
      }),
    );
  });
  const { shards } = stage.coordinator.health();
  expect(shards.reduce((sum, { stuck }) => sum + stuck, 0)).toBeGreaterThan(0);
}

export function visibility(stage: OnStage): void {
  scenarios(
    'never silently: a stuck saga is in troupe.sagas, the log, its trace and the health',
    stage,
    {
      'pivot-in-doubt': async (stage) => {
        const saga = stage.order({ script: { ship: breaks } });
        await saga.begin();
        await isSeen(stage, { reason: 'pivot-in-doubt', step: 'ship', saga });
        expect(saga.deadLetters).toEqual(['dock terminal']);
      },

      'compensation-failed': async (stage) => {
        const saga = stage.order({ script: { charge: refuses, 'undo reserve': breaks } });
        await saga.begin();
        await isSeen(stage, { reason: 'compensation-failed', step: 'reserve', saga });
        expect(saga.deadLetters).toEqual(['stock terminal']);
      },

      'contradictory-outcomes': async (stage) => {
        const invoicing = new Held();
        const saga = stage.order({ script: { invoice: invoicing.play } });
        await saga.begin();
        await saga.until('ship succeeded');
        await saga.hear(new CardDeclined({ orderId: saga.id }));
        await isSeen(stage, { reason: 'contradictory-outcomes', step: 'charge', saga });
        invoicing.release();
      },

      'late-success': async (stage) => {
        const saga = stage.order({ script: { reserve: breaks } });
        await saga.begin();
        await saga.stands('compensated');
        await saga.hear(new StockReserved({ orderId: saga.id, shelf: 'B2' }));
        await isSeen(stage, { reason: 'late-success', step: 'reserve', saga });
      },

      'payload-missing: a step cannot be undone, for its input is larger than any request may be':
        async (stage) => {
          const saga = stage.order({ note: 'x'.repeat(950_000) });
          await saga.begin();
          await isSeen(stage, { reason: 'payload-missing', step: 'charge', saga });
        },
    },
  );

  scenarios('a saga that goes on is not stuck any more', stage, {
    'and says so': async (stage) => {
      const order = stage.order({ script: { ship: breaks } });
      await order.begin();
      await order.stands('stuck: pivot-in-doubt ship');
      await order.hear(new ShippingRefused({ orderId: order.id }));
      await order.stands('compensated');
      await order.sees(() => {
        expect(stage.linesOf(order.id)).toContainEqual(
          expect.objectContaining({ level: 'info', message: 'a saga that was stuck goes on' }),
        );
      });
    },
  });

  scenarios('a deviation is in troupe.sagas, the log and the trace', stage, {
    'whatever the saga ends as': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await packing.begun;
      await order.hear(order.start, { id: `another ${order.id}` });
      await order.until('deviation: second-start');
      packing.release();
      await order.stands('completed');
      await order.sees(() => {
        expect(stage.linesOf(order.id)).toContainEqual(
          expect.objectContaining({ level: 'warn', message: 'a saga deviates: second-start' }),
        );
        expect(stage.spansOf(order.id)).toContainEqual(
          expect.objectContaining({ 'troupe.outcome': 'completed', 'troupe.deviations': 1 }),
        );
      });
    },
  });
}
