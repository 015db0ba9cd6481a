import { headerNames } from '@troupe/core/internal';
import { expect } from 'vitest';
import { StockReleased, StockReserved } from '../stage/order-saga.ts';
import { breaks, breaksForNow, Held, inTurn, refuses, succeeds } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';
import { GuestSeated } from '../stage/table-saga.ts';
import { CoatReturned, VisitorGreeted } from '../stage/visit-saga.ts';

const idOf = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) =>
  headers[headerNames.id];

export function effects(stage: OnStage): void {
  scenarios('identity of an effect', stage, {
    'a trigger event and a StepRequested for one step are the same effect, whose outcome is sent again':
      async (stage) => {
        const guest = stage.guest();
        await guest.hear(guest.start, { saga: null });
        await guest.stands('completed');
        expect(guest.requests).toContain('StepRequested seat');
        // The same start, stamped this time, triggers the step by itself.
        await guest.hear(guest.start);
        await guest.sees(() => expect(guest.eventsOf(GuestSeated)).toHaveLength(2));
        const ids = guest.eventsOf(GuestSeated).map(idOf);
        expect(ids).toEqual([guest.successIdOf('seat'), guest.successIdOf('seat')]);
        expect(guest.callsOf('seat')).toHaveLength(1);
        expect(guest.progress?.deviations).toBe(0);
      },

    'a duplicate of a trigger does the effect once, and is never just dropped': async (stage) => {
      const order = stage.order();
      await order.begin();
      await order.stands('completed');
      await order.hear(order.start, { id: order.progress?.startEventId });
      await order.sees(() => expect(order.eventsOf(StockReserved)).toHaveLength(2));
      expect(order.effects.filter((effect) => effect === 'reserve')).toEqual(['reserve']);
      expect(new Set(order.eventsOf(StockReserved).map(idOf)).size).toBe(1);
      expect(order.standing).toBe('completed');
    },

    'asking again is another event: a request has a number in its id': async (stage) => {
      const order = stage.order({ script: { invoice: inTurn(breaks, breaks, succeeds) } });
      await order.begin();
      await order.stands('completed');
      expect(new Set(order.requestsFor('invoice').map(idOf)).size).toBe(2);
      const numbers = (await order.askedOf('invoice')).map(({ requestNumber }) => requestNumber);
      expect(numbers).toEqual([1, 2]);
      // A failure is not final in the inbox: asked again, the step ran again.
      expect(order.callsOf('invoice')).toHaveLength(3);
      expect(new Set(order.callsOf('invoice').map(({ effectId }) => effectId)).size).toBe(1);
    },

    'every attempt at an effect has its id; the undoing of a success is another effect': async (
      stage,
    ) => {
      const order = stage.order({
        script: { reserve: inTurn(breaksForNow, succeeds), charge: refuses },
      });
      await order.begin();
      await order.stands('compensated');
      const [first, second] = order.callsOf('reserve');
      const [undone] = order.callsOf('undo reserve');
      expect(first?.effectId).toBe(second?.effectId);
      expect(undone?.effectId).toContain(order.successIdOf('reserve'));
      expect(order.eventsOf(StockReleased)).toHaveLength(1);
    },
  });

  scenarios('without an inbox', stage, {
    'a participant is at-least-once, and says so; its saga is not': async (stage) => {
      const visit = stage.visit();
      await visit.begin();
      await visit.stands('completed');
      await visit.hear(visit.start, { id: visit.progress?.startEventId });
      await visit.sees(() => expect(visit.eventsOf(VisitorGreeted)).toHaveLength(2));
      expect(visit.callsOf('greet-visitor')).toHaveLength(2);
      expect(new Set(visit.eventsOf(VisitorGreeted).map(idOf)).size).toBe(1);
      expect(visit.progress?.deviations).toBe(0);
      expect(stage.service('porter').health().problems).toMatchObject([
        { code: 'effects-not-durable' },
      ]);
    },

    'what was done twice is one success, and undone twice it is one compensation (I2, I3)': async (
      stage,
    ) => {
      const greeting = new Held();
      const returning = new Held();
      const visit = stage.visit({
        'greet-visitor': greeting.play,
        'admit-visitor': refuses,
        'undo take-coat': returning.play,
      });
      await visit.begin();
      await greeting.begun;
      await visit.sees(() => expect(visit.progress).toBeDefined());
      await visit.hear(visit.start, { id: visit.progress?.startEventId });
      greeting.release();
      await returning.begun;
      // Requests come again, too: here one does before its first answer, and so before the end.
      await visit.sees(() => expect(visit.requests).toEqual(['CompensationRequested take-coat']));
      for (const { topic, value, headers } of stage.log.of('troupe.requests', visit.id)) {
        await stage.send({ topic, key: visit.id, value, headers });
      }
      returning.release();
      await visit.stands('compensated');

      expect(visit.callsOf('greet-visitor')).toHaveLength(2);
      expect(visit.callsOf('undo take-coat')).toHaveLength(2);
      expect(visit.callsOf('undo greet-visitor')).toHaveLength(1);
      await visit.sees(() => expect(visit.eventsOf(CoatReturned)).toHaveLength(2));
      expect(new Set(visit.eventsOf(CoatReturned).map(idOf)).size).toBe(1);
      expect(visit.times('take-coat compensated')).toBe(1);
      expect(visit.life.filter((one) => one.startsWith('undo '))).toEqual([
        'undo take-coat',
        'undo greet-visitor',
      ]);
      expect(visit.progress?.deviations).toBe(0);
    },
  });
}
