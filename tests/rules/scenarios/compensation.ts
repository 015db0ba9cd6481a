import { CompensationRequested, headerNames, inDoubt } from '@troupe/core/internal';
import { expect } from 'vitest';
import {
  GoodsPacked,
  hastyShip,
  OrderPlaced,
  StockReleased,
  StockReserved,
} from '../stage/order-saga.ts';
import {
  breaks,
  breaksForNow,
  didNothing,
  Held,
  inTurn,
  refuses,
  succeeds,
} from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';

export function compensation(stage: OnStage): void {
  scenarios('rule 6: doom', stage, {
    'a rejection that no step depends on dooms the saga': async (stage) => {
      const order = stage.order({ script: { charge: refuses } });
      await order.begin();
      await order.stands('compensated');
      expect(order.life).toContain('doomed: rejected charge');
      expect(order.effects).not.toContain('ship');
    },

    'a saga whose pivot ends skipped is undone: it has not reached its purpose': async (stage) => {
      const order = stage.order({ ships: false });
      await order.begin();
      await order.stands('compensated');
      expect(order.life).toContain('ship skipped (condition)');
      expect(order.life).toContain('doomed: pivot-skipped ship');
      expect(order.effects).toEqual(
        expect.arrayContaining(['undo reserve', 'undo pack', 'undo charge']),
      );
    },
  });

  scenarios('rule 7: a doomed saga is undone', stage, {
    'every succeeded compensable step once, the last first (I3)': async (stage) => {
      const order = stage.order({ script: { ship: refuses } });
      await order.begin();
      await order.stands('compensated');
      const undone = order.effects.filter((effect) => effect.startsWith('undo '));
      expect(undone.toSorted()).toEqual(['undo charge', 'undo pack', 'undo reserve']);
      expect(undone.indexOf('undo pack')).toBeLessThan(undone.indexOf('undo reserve'));
    },

    'independent steps in parallel: one that takes its time holds up no other': async (stage) => {
      const slow = new Held();
      const order = stage.order({ script: { ship: refuses, 'undo charge': slow.play } });
      await order.begin();
      await order.until('reserve compensated');
      expect(order.effects).not.toContain('undo charge');
      slow.release();
      await order.stands('compensated');
    },

    'compensation never overtakes: what a success triggered may still run, and is waited for':
      async (stage) => {
        const packing = new Held();
        const order = stage.order({ script: { pack: packing.play, charge: refuses } });
        await order.begin();
        await packing.begun;
        await order.until('cancel pack');
        expect(order.life).not.toContain('undo reserve');
        packing.release();
        await order.stands('compensated');
        expect(order.effects).toEqual(['reserve', 'pack', 'undo pack', 'undo reserve']);
      },

    'by a request that names the success, and has it and what it followed from, as they were':
      async (stage) => {
        const order = stage.order({ script: { ship: refuses } });
        await order.begin();
        await order.stands('compensated');
        const undoes = order.successIdOf('pack');
        await order.sees(async () => {
          expect(await order.askedOf('pack')).toEqual([
            new CompensationRequested({
              correlationId: order.id,
              step: 'pack',
              requestNumber: 1,
              action: 'compensate',
              inputs: [{ dependency: '', ...order.passedOn(StockReserved) }],
              output: { ...order.passedOn(GoodsPacked), eventId: undoes },
              undoes,
            }),
          ]);
        });
      },

    'what is not to run any more is cancelled by a request that only names it': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play, charge: refuses } });
      await order.begin();
      await packing.begun;
      await order.until('cancel pack');
      await order.sees(async () => {
        expect(await order.askedOf('pack')).toEqual([
          new CompensationRequested({
            correlationId: order.id,
            step: 'pack',
            requestNumber: 1,
            action: 'cancel',
            inputs: [],
          }),
        ]);
      });
      packing.release();
      await order.stands('compensated');
    },

    'each request has an id of its own, and in its headers what it undoes': async (stage) => {
      const shipping = new Held();
      const order = stage.order({ saga: hastyShip, script: { ship: shipping.play } });
      await order.begin();
      await order.until('cancel ship');
      shipping.release(refuses);
      await order.stands('compensated');
      await order.sees(() => {
        const [run, cancel, ...others] = order.requestsFor('ship').map(({ headers }) => headers);
        expect(others).toEqual([]);
        expect(run?.[headerNames.id]).not.toBe(cancel?.[headerNames.id]);
        expect(cancel).not.toHaveProperty(headerNames.undoes);
        expect(order.requestsFor('pack').map(({ headers }) => headers)).toMatchObject([
          { [headerNames.undoes]: order.successIdOf('pack') },
        ]);
      });
    },

    'the fence: a doomed parallel branch does no new work, whatever triggers it later': async (
      stage,
    ) => {
      const charging = new Held();
      const order = stage.order({ script: { charge: charging.play, reserve: breaks } });
      const reserved = new StockReserved({ orderId: order.id, shelf: 'A7' });
      await order.begin();
      await charging.begun;
      // The coordinator hears of the success before the service does that it triggers.
      await order.hear(reserved, { topic: 'troupe.outcomes' });
      charging.release(refuses);
      await order.until('pack skipped (cancelled)');
      await order.hear(reserved);
      await order.sees(() => {
        const skips = stage.log
          .of('troupe.outcomes', order.id)
          .filter(({ headers }) => headers['ce_type'] === 'troupe.StepSkipped');
        expect(skips).toHaveLength(2);
      });
      expect(order.callsOf('pack')).toEqual([]);
    },

    'a success that comes in spite of the doom is undone as well (I3)': async (stage) => {
      const reserving = new Held();
      const order = stage.order({ script: { reserve: reserving.play, charge: refuses } });
      await order.begin();
      await order.until('cancel reserve');
      reserving.release();
      await order.stands('compensated');
      expect(order.effects).toContain('undo reserve');
    },
  });

  scenarios('rule 8: a compensable step in doubt', stage, {
    'that used its attempts up is undone without output; its participant answers': async (
      stage,
    ) => {
      const order = stage.order({ script: { reserve: breaksForNow } });
      await order.begin();
      await order.stands('compensated');
      expect(order.callsOf('reserve').map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(order.life).toEqual(expect.arrayContaining(['undo reserve in doubt']));
      expect(order.life).toContain('reserve compensated in doubt');
      expect(order.callsOf('undo reserve')).toMatchObject([
        { input: order.start, output: undefined },
      ]);
      expect(order.deadLetters).toEqual(['stock retryable']);
    },

    'is undone by a request that names no success, and has what the step was given': async (
      stage,
    ) => {
      const order = stage.order({ script: { reserve: breaks } });
      await order.begin();
      await order.stands('compensated');
      await order.sees(async () => {
        expect(await order.askedOf('reserve')).toEqual([
          new CompensationRequested({
            correlationId: order.id,
            step: 'reserve',
            requestNumber: 1,
            action: 'compensate',
            inputs: [{ dependency: '', ...order.passedOn(OrderPlaced) }],
          }),
        ]);
        expect(order.requestsFor('reserve').map(({ headers }) => headers)).toMatchObject([
          { [headerNames.undoes]: inDoubt },
        ]);
      });
    },

    'whose handler threw NotDone is not undone': async (stage) => {
      const order = stage.order({ script: { reserve: didNothing } });
      await order.begin();
      await order.stands('compensated');
      expect(order.life).toContain('reserve failed');
      expect(order.life).not.toContain('undo reserve in doubt');
      expect(order.callsOf('undo reserve')).toEqual([]);
    },

    'never runs after it was undone: its participant answers as it has written down': async (
      stage,
    ) => {
      const order = stage.order({ script: { reserve: breaks } });
      await order.begin();
      await order.stands('compensated');
      const before = order.callsOf('reserve').length;
      // The start event once more, as a producer that got no answer sends it.
      await order.hear(order.start, { id: 'again' });
      await order.until('deviation: second-start');
      await order.until('reserve skipped (cancelled)');
      expect(order.callsOf('reserve')).toHaveLength(before);
    },

    'succeeds at a later attempt: nobody hears of the first': async (stage) => {
      const order = stage.order({ script: { reserve: inTurn(breaksForNow, succeeds) } });
      await order.begin();
      await order.stands('completed');
      expect(order.deadLetters).toEqual([]);
    },
  });

  scenarios('rule 9: a compensation that fails', stage, {
    'is stuck and says so, and goes on when somebody has seen to it': async (stage) => {
      const order = stage.order({ script: { charge: refuses, 'undo reserve': breaks } });
      await order.begin();
      await order.stands('stuck: compensation-failed reserve');
      expect(order.deadLetters).toEqual(['stock terminal']);
      const undoes = order.progress?.steps['reserve']?.successes?.[0];
      await order.hear(new StockReleased({ orderId: order.id }), { undoes });
      await order.stands('compensated');
    },
  });
}
