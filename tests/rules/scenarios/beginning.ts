import { defineEvent, t } from '@troupe/core';
import { expect } from 'vitest';
import type { SeenRecord } from '../../installations/followed-log.ts';
import type { OneSaga } from '../stage/one-saga.ts';
import { CardCharged, StockReserved } from '../stage/order-saga.ts';
import { breaks, Held, refuses } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';

/** Nobody's step, on a topic that the coordinator reads. */
class ShelfDusted extends defineEvent('rules.stock.ShelfDusted', { orderId: t.string().key() }) {}

export function beginning(stage: OnStage): void {
  scenarios('rule 12: only a start begins a saga', stage, {
    'an outcome that arrives before its start waits for it, with what it brought': async (
      stage,
    ) => {
      const charging = new Held();
      const order = stage.order({ script: { charge: charging.play } });
      // Of the till's own event, whose topic happens to be read first.
      await order.hear(new CardCharged({ orderId: order.id }), { id: order.successIdOf('charge') });
      await order.stands('awaited');
      expect(order.requests).toEqual([]);
      await order.begin();
      await order.stands('completed');
      expect(order.life.slice(0, 3)).toEqual(['awaited', 'charge succeeded', 'started']);
      charging.release();
      await order.sees(() => expect(order.eventsOf(CardCharged)).toHaveLength(2));
      expect(order.progress?.deviations).toBe(0);
    },

    'a duplicate of the start, during the saga, changes nothing': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await packing.begun;
      await order.until('started');
      const id = order.progress?.startEventId;
      await order.hear(order.start, { id });
      packing.release();
      await order.stands('completed');
      expect(order.times('started')).toBe(1);
      expect(order.progress?.deviations).toBe(0);
      expect(order.effects.toSorted()).toEqual(['charge', 'invoice', 'pack', 'reserve', 'ship']);
    },

    'another start of a saga that runs is a deviation, told of, and changes nothing': async (
      stage,
    ) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await packing.begun;
      await order.hear(order.start, { id: `another ${order.id}` });
      await order.until('deviation: second-start');
      packing.release();
      await order.stands('completed');
      expect(order.effects.toSorted()).toEqual(['charge', 'invoice', 'pack', 'reserve', 'ship']);
      await order.sees(() => {
        expect(stage.linesOf(order.id)).toContainEqual(
          expect.objectContaining({ level: 'warn', message: 'a saga deviates: second-start' }),
        );
        expect(stage.spansOf(order.id)).toContainEqual(
          expect.objectContaining({ 'troupe.outcome': 'completed', 'troupe.deviations': 1 }),
        );
      });
    },

    'an ended saga leaves an end marker: a duplicate of the start cannot begin it again': async (
      stage,
    ) => {
      const order = stage.order({ script: { charge: refuses } });
      await order.begin();
      await order.stands('compensated');
      const { effects } = order;
      await order.hear(order.start, { id: `again ${order.id}` });
      await order.until('deviation: second-start');
      expect(order.times('started')).toBe(1);
      expect(order.standing).toBe('compensated');
      expect(order.effects).toEqual(effects);
    },

    'a late success reopens an ended saga as stuck': async (stage) => {
      const order = stage.order({ script: { reserve: breaks } });
      await order.begin();
      await order.stands('compensated');
      await order.hear(new StockReserved({ orderId: order.id, shelf: 'B2' }));
      await order.stands('stuck: late-success reserve');
      expect(order.life).toContain('deviation: late-outcome');
    },

    'the marker of a saga with a step in doubt keeps the payloads that a late success may need':
      async (stage) => {
        const doubtful = stage.order({ script: { reserve: breaks } });
        const certain = stage.order({ script: { charge: refuses } });
        for (const order of [doubtful, certain]) await order.begin();
        for (const order of [doubtful, certain]) await order.stands('compensated');
        const payloadsOf = (order: OneSaga) =>
          stage.log.records.filter(
            ({ key, topic }) =>
              topic === 'troupe.state' && key?.startsWith('payload/') && key.endsWith(order.id),
          );
        const isThere = ({ value }: SeenRecord) => value !== null;
        const keptOf = (order: OneSaga) => {
          const last = new Map(payloadsOf(order).map((record) => [record.key, record]));
          return [...last.values()].filter(isThere);
        };
        await certain.sees(() => {
          expect(payloadsOf(certain).filter(isThere)).not.toEqual([]);
          expect(keptOf(certain)).toEqual([]);
        });
        expect(keptOf(doubtful)).not.toEqual([]);
      },

    'an event that the definition does not expect is a deviation: visible, never fatal': async (
      stage,
    ) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await packing.begun;
      await order.hear(new ShelfDusted({ orderId: order.id }));
      await order.until('deviation: unexpected-event');
      packing.release();
      await order.stands('completed');
      expect(order.deadLetters).toEqual([]);
    },
  });
}
