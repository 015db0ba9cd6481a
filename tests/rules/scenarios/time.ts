import { headerNames, type SagaEvent } from '@troupe/core/internal';
import { expect } from 'vitest';
import type { OneSaga } from '../stage/one-saga.ts';
import {
  CardCharged,
  GoodsPacked,
  hastyCharge,
  hastyOrder,
  hastyReserve,
  OrderShipped,
  StockReserved,
} from '../stage/order-saga.ts';
import { breaks, Held, refuses } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';

/** A coordinator that has little patience, for scenarios in which its limits pass. */
export const impatient = {
  earlyRetentionMs: 300,
  endedRetentionMs: 300,
  compensationTimeoutMs: 300,
  retryDelayMs: 50,
  retriesMax: 3,
};

const successOf = (order: OneSaga, step: string) => ({ id: order.successIdOf(step) });

/** Time limits that the definitions name. */
export function timeLimits(stage: OnStage): void {
  scenarios('rule 11: time limits end in a visible state, never in a hang', stage, {
    'a compensable step that timed out is in doubt: undone, and what its attempt did is the answer':
      async (stage) => {
        const reserving = new Held();
        const order = stage.order({ saga: hastyReserve, script: { reserve: reserving.play } });
        await order.begin();
        await order.until('doomed: timed-out reserve');
        await order.until('undo reserve in doubt');
        // An attempt that outran its time limit counts as still running.
        expect(order.standing).toBe('running');
        reserving.release();
        await order.stands('compensated');
        expect(order.effects.filter((effect) => effect.endsWith('reserve'))).toEqual([
          'reserve',
          'undo reserve',
        ]);
        // Its success was known then, so it is undone with its output.
        expect(order.callsOf('undo reserve')).toMatchObject([{ output: { shelf: 'A7' } }]);
        const ids = order.requestsFor('reserve').map(({ headers }) => headers[headerNames.id]);
        expect(ids.length).toBeGreaterThan(1);
        expect(new Set(ids).size).toBe(ids.length);
      },

    'a step that timed out and never ran is undone without output, and never runs': async (
      stage,
    ) => {
      const order = stage.order({ saga: hastyCharge });
      // Nobody but the coordinator hears of the start: the till's topic lies behind.
      await order.hear(order.start, { topic: 'troupe.outcomes' });
      await order.until('charge timed out');
      await order.until('charge compensated in doubt');
      await order.hear(order.start);
      await order.until('charge skipped (cancelled)');
      expect(order.callsOf('charge')).toEqual([]);
      await order.stands('compensated');
    },

    'the deadline of a saga dooms it before the pivot': async (stage) => {
      const [reserving, packing] = [new Held(), new Held()];
      const script = { reserve: reserving.play, pack: packing.play };
      const order = stage.order({ saga: hastyOrder, script });
      await order.begin();
      // No step may take longer than its saga: `pack` begins later, so that its own limit passes later, too.
      const other = stage.order();
      await other.begin();
      await other.stands('completed');
      reserving.release();
      await order.until('timed out');
      await order.sees(() => expect(order.progress?.doom).toBeDefined());
      const momentOf = (wanted: SagaEvent['type']) =>
        stage.log.lifeOf(order.definition.name, order.id).find(({ type }) => type === wanted)?.atMs;
      expect(momentOf('saga-doomed')).toBe(momentOf('saga-timed-out'));
      packing.release();
      await order.stands('compensated');
      expect(order.effects).toContain('undo reserve');
    },

    'the deadline of a saga only reports after the pivot': async (stage) => {
      const invoicing = new Held();
      const order = stage.order({ saga: hastyOrder, script: { invoice: invoicing.play } });
      // All of it is known already when the saga starts, so that the pivot is in time.
      const orderId = order.id;
      await order.hear(new StockReserved({ orderId, shelf: 'A7' }), successOf(order, 'reserve'));
      await order.hear(new GoodsPacked({ orderId }), successOf(order, 'pack'));
      await order.hear(new CardCharged({ orderId }), successOf(order, 'charge'));
      await order.hear(new OrderShipped({ orderId }), successOf(order, 'ship'));
      await order.sees(() => expect(Object.keys(order.progress?.steps ?? {})).toHaveLength(4));
      await order.begin();
      await order.until('timed out');
      expect(order.standing).toBe('running');
      invoicing.release();
      await order.stands('completed');
    },

    'a step does not time out before its limit has passed since its trigger': async (stage) => {
      const charging = new Held();
      const order = stage.order({ saga: hastyCharge, script: { charge: charging.play } });
      await order.begin();
      await order.until('charge timed out');
      const times = new Map(
        stage.log.lifeOf(order.definition.name, order.id).map(({ type, atMs }) => [type, atMs]),
      );
      const waitedMs = (times.get('step-timed-out') ?? 0) - (times.get('saga-started') ?? 0);
      expect(waitedMs).toBeGreaterThanOrEqual(300);
      charging.release();
      await order.stands('compensated');
    },
  });
}

/** Time limits that the coordinator was given: it is an impatient one. */
export function patience(stage: OnStage): void {
  scenarios('rule 11: with a coordinator that has little patience', stage, {
    'a compensation of which nobody hears is stuck, and goes on when it comes': async (stage) => {
      const undoing = new Held();
      const order = stage.order({ script: { charge: refuses, 'undo reserve': undoing.play } });
      await order.begin();
      await order.stands('stuck: compensation-timed-out reserve');
      undoing.release();
      await order.sees(() => expect(order.life).toContain('ends compensated'));
    },

    'rule 12: outcomes whose start never comes are reported, and forgotten': async (stage) => {
      const order = stage.order();
      await order.hear(new CardCharged({ orderId: order.id }));
      await order.until('forgotten: never-started');
      expect(order.progress).toBeUndefined();
    },

    'rule 12: an end marker is forgotten after endedRetentionMs': async (stage) => {
      const order = stage.order({ script: { charge: refuses } });
      await order.begin();
      await order.until('forgotten: ended');
      await order.sees(() => expect(order.progress).toBeUndefined());
      const last = new Map(
        stage.log.records
          .filter(({ topic, key }) => topic === 'troupe.state' && key?.endsWith(order.id))
          .map(({ key, value }) => [key, value]),
      );
      expect(last.size).toBeGreaterThan(1);
      expect([...last.values()].filter((value) => value !== null)).toEqual([]);
    },

    'rule 9: after the pivot a failing step is retried at growing intervals, then stuck for a person':
      async (stage) => {
        const order = stage.order({ script: { invoice: breaks } });
        await order.begin();
        await order.stands('stuck: failed-after-pivot invoice');
        const life = stage.log.lifeOf(order.definition.name, order.id);
        const ofInvoice = life.filter((event) => 'step' in event && event.step === 'invoice');
        const asked = ofInvoice.filter(({ type }) => type === 'step-requested');
        const failed = ofInvoice.filter(({ type }) => type === 'step-failed');
        const waitsMs = asked.map(({ atMs }, index) => atMs - (failed[index]?.atMs ?? 0));
        expect(waitsMs).toHaveLength(3);
        for (const [index, waitMs] of waitsMs.entries()) {
          expect(waitMs).toBeGreaterThanOrEqual(50 * 2 ** index);
        }
        expect(order.effects).not.toContain('undo reserve');
      },

    'rule 12: a success after the end marker was forgotten is an early outcome, and begins nothing':
      async (stage) => {
        const order = stage.order({ script: { reserve: breaks } });
        await order.begin();
        await order.until('forgotten: ended');
        await order.hear(new StockReserved({ orderId: order.id, shelf: 'B2' }));
        await order.until('forgotten: never-started');
        expect(order.times('started')).toBe(1);
      },
  });
}
