import { type Checkpoint, checkpoints, on } from '@troupe/core';
import { headerNames } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { OrderShipped, StockReleased, StockReserved } from './shop.ts';

let world: ParticipantWorld;
let database: Database;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
  database = new Database();
});
afterEach(() => world.close());

/** A process that dies when it comes to `at`: from then on nothing of it reaches anybody. */
async function startDoomed(at: Checkpoint): Promise<{ readonly reached: () => boolean }> {
  const transport = world.transport();
  const inbox = new DatabaseInbox(database);
  let dead = false;
  await world.started({
    inbox,
    transport,
    handlers: handlersOn(inbox),
    checkpoint: (passed) => {
      if (passed !== at && !dead) return;
      if (!dead) transport.crash();
      dead = true;
      return new Promise(() => undefined);
    },
  });
  return { reached: () => dead };
}

const handlersOn = (inbox: DatabaseInbox) => [
  stockIn(inbox),
  on(OrderShipped, (event, ctx) =>
    ctx.transaction(inbox, (tx) => tx.write(`shipped ${event.orderId}`)),
  ),
];

const start = () => {
  const inbox = new DatabaseInbox(database);
  return world.started({ inbox, handlers: handlersOn(inbox) });
};

interface Scenario {
  readonly name: string;
  readonly send: () => Promise<unknown>;
  readonly answered: () => boolean;
  readonly effects: readonly string[];
  /** Where no record of this kind ever passes. */
  readonly never: readonly Checkpoint[];
}

const requests = () => new Requests(world.serde);
const step = 'reserve-stock';
const inputs = { '': order('1') };
const scenarios: readonly Scenario[] = [
  {
    name: 'executing a step',
    send: () => world.send(order('1')),
    answered: () => world.of(StockReserved).length > 0,
    effects: ['reserve 1'],
    never: ['cancel-recorded'],
  },
  {
    name: 'undoing a success',
    send: () =>
      world.send(requests().undo('1', step, { inputs, output: reserved('1'), undoes: 'a' }), {
        step,
      }),
    answered: () => world.of(StockReleased).length > 0,
    effects: ['release 1'],
    never: ['cancel-recorded'],
  },
  {
    name: 'undoing in doubt',
    send: () => world.send(requests().undo('1', step, { inputs }), { step }),
    answered: () => world.of(StockReleased).length > 0,
    effects: ['release 1'],
    never: [],
  },
  {
    name: 'handling an event',
    send: () => world.send(new OrderShipped({ orderId: '1' })),
    answered: () => database.rows.size > 0,
    effects: ['shipped 1'],
    never: ['cancel-recorded', 'before-send', 'sent'],
  },
];

describe.each(scenarios)('a process killed while $name', ({ send, answered, effects, never }) => {
  it.each(checkpoints.filter((one) => !never.includes(one)))(
    'at "%s" leaves work that is done once',
    async (at) => {
      const doomed = await startDoomed(at);
      await send();
      await world.until(`it comes to ${at}`, doomed.reached);
      await world.settle();
      await start();
      await world.until('an answer', answered);
      await world.settle();
      expect(database.effects).toEqual(effects);
      const outcomes = world.seen.filter(({ topic }) => topic === 'stock');
      expect(new Set(outcomes.map(({ headers }) => headers[headerNames.id])).size).toBeLessThan(2);
      expect(world.of('stock.dead-letter')).toEqual([]);
    },
  );
});
