import { headerNames, StepRequested } from '@troupe/core/internal';
import { expect } from 'vitest';
import {
  CardCharged,
  GoodsPacked,
  OrderPlaced,
  OrderShipped,
  StockReserved,
} from '../stage/order-saga.ts';
import { Held, refuses } from '../stage/plays.ts';
import { type OnStage, scenarios, scenariosAlone } from '../stage/scenario.ts';
import { HouseFull } from '../stage/table-saga.ts';

export function triggering(stage: OnStage): void {
  scenarios('rules 1 to 3: what triggers a step', stage, {
    'rule 1: the correlation id is the key of every event of its saga': async (stage) => {
      const order = stage.order();
      await order.begin();
      await order.stands('completed');
      const ofSaga = stage.log.records.filter(
        ({ headers }) => headers[headerNames.correlationId] === order.id,
      );
      expect(ofSaga.map(({ key }) => key)).toEqual(ofSaga.map(() => order.id));
      const partitions = new Set(ofSaga.map(({ partition }) => partition));
      expect(partitions.size).toBe(1);
    },

    'rule 2: a step with one dependency is triggered by that event itself': async (stage) => {
      const order = stage.order();
      await order.begin();
      await order.stands('completed');
      expect(order.requests).toEqual(['StepRequested ship']);
      const [packed] = order.eventsOf(GoodsPacked);
      const [reserved] = order.eventsOf(StockReserved);
      expect(packed?.headers[headerNames.causationId]).toBe(reserved?.headers[headerNames.id]);
    },

    'rules 3 and 5: a join is asked for by the coordinator, with the data of earlier events':
      async (stage) => {
        const order = stage.order({ note: 'ring twice' });
        await order.begin();
        await order.stands('completed');
        expect(order.callsOf('ship')).toMatchObject([
          {
            input: {
              order: new OrderPlaced({ orderId: order.id, ships: true, note: 'ring twice' }),
              stock: new StockReserved({ orderId: order.id, shelf: 'A7ring twicering twice' }),
            },
          },
        ]);
        const [shipped] = order.eventsOf(OrderShipped);
        const [request] = stage.log.of('troupe.requests', order.id);
        expect(shipped?.headers[headerNames.causationId]).toBe(request?.headers[headerNames.id]);
      },

    'rule 3: the request names the step and has the events that it waited for, as they were':
      async (stage) => {
        const order = stage.order();
        await order.begin();
        await order.stands('completed');
        await order.sees(async () => {
          expect(await order.askedOf('ship')).toEqual([
            new StepRequested({
              correlationId: order.id,
              step: 'ship',
              requestNumber: 1,
              action: 'execute',
              inputs: [
                { dependency: 'card', ...order.passedOn(CardCharged) },
                { dependency: 'goods', ...order.passedOn(GoodsPacked) },
                { dependency: 'order', ...order.passedOn(OrderPlaced) },
                { dependency: 'stock', ...order.passedOn(StockReserved) },
              ],
            }),
          ]);
        });
        expect(order.passedOn(CardCharged).eventId).toBe(order.successIdOf('charge'));
      },

    'rule 3: the headers of a request say whose it is, what it follows from and when': async (
      stage,
    ) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await order.until('charge succeeded');
      packing.release();
      await order.stands('completed');
      const life = stage.log.lifeOf(order.definition.name, order.id);
      const decided = life.find(({ type }) => type === 'step-requested');
      await order.sees(() => {
        expect(order.requestsFor('ship').map(({ headers }) => headers)).toMatchObject([
          {
            [headerNames.source]: 'troupe-coordinator',
            [headerNames.type]: 'troupe.StepRequested',
            [headerNames.time]: new Date(decided?.atMs ?? 0).toISOString(),
            [headerNames.correlationId]: order.id,
            [headerNames.causationId]: order.successIdOf('pack'),
            [headerNames.saga]: order.ref,
          },
        ]);
      });
      const [request] = order.requestsFor('ship');
      expect(request?.headers[headerNames.attempt] ?? '1').toBe('1');
    },

    'the coordinator never writes to a domain topic': async (stage) => {
      const order = stage.order({ script: { ship: refuses } });
      await order.begin();
      await order.stands('compensated');
      const byCoordinator = stage.log.records
        .filter(({ headers }) => headers[headerNames.source] === 'troupe-coordinator')
        .map(({ topic }) => topic);
      expect([...new Set(byCoordinator)].sort()).toEqual(['troupe.requests', 'troupe.sagas']);
    },
  });

  scenarios('rule 4: a step runs when all its dependencies are resolved', stage, {
    'and every required one is satisfied: not before': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      await order.begin();
      await order.until('charge succeeded');
      await packing.begun;
      expect(order.requests).toEqual([]);
      packing.release();
      await order.stands('completed');
    },

    'a step whose condition does not hold is skipped, and so on down the graph': async (stage) => {
      const guest = stage.guest({ cake: false });
      await guest.begin();
      await guest.stands('completed');
      expect(guest.life).toContain('bake skipped (condition)');
      expect(guest.effects).not.toContain('light');
      expect(guest.callsOf('serve')).toMatchObject([{ input: { candle: undefined } }]);
    },

    'branches meet again by optional members': async (stage) => {
      const guest = stage.guest({ cake: true, script: { seat: refuses } });
      await guest.begin();
      await guest.stands('completed');
      expect(guest.callsOf('greet')).toMatchObject([
        { input: { seated: undefined, atBar: { guest: guest.id } } },
      ]);
      expect(guest.effects.toSorted()).toEqual(['bake', 'bar', 'greet', 'light', 'serve']);
    },
  });

  scenarios('rule 6: a rejection that some step depends on is a branch', stage, {
    'and dooms nothing': async (stage) => {
      const guest = stage.guest({ script: { seat: refuses } });
      await guest.begin();
      await guest.stands('completed');
      expect(guest.eventsOf(HouseFull)).toHaveLength(1);
      expect(guest.life.filter((text) => text.startsWith('doomed'))).toEqual([]);
      expect(guest.effects).toContain('bar');
    },

    'that is not taken when the step succeeds': async (stage) => {
      const guest = stage.guest();
      await guest.begin();
      await guest.stands('completed');
      expect(guest.effects).not.toContain('bar');
    },
  });

  scenariosAlone('rule 2: the chain goes on while every coordinator is down', stage, {
    'and joins are asked for when one is back': async (stage) => {
      await stage.stopCoordinator();
      const order = stage.order();
      await order.begin();
      await order.sees(() => expect(order.eventsOf(GoodsPacked)).toHaveLength(1));
      expect(order.life).toEqual([]);
      await stage.startCoordinator();
      await order.stands('completed');
    },
  });
}
