import { type Event, type EventHandler, on, type StepHandler, TerminalError } from '@troupe/core';
import type { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock, stockIn, stockOnSecondThought } from './handlers.ts';
import type { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { OrderShipped, StockReleased, StockReserved } from './shop.ts';

/** A kind of record that a participant handles in a way of its own. */
export interface RecordKind {
  readonly name: string;
  readonly handlers: (inbox: DatabaseInbox) => readonly (StepHandler | EventHandler)[];
  readonly send: (world: ParticipantWorld) => Promise<unknown>;
  /** It was brought to its end. */
  readonly ended: (world: ParticipantWorld, inbox: DatabaseInbox) => boolean;
  /** What is done in the database, once. */
  readonly effects: readonly string[];
  /** It ends as a dead letter. */
  readonly fails: boolean;
}

const step = 'reserve-stock';
const inputs = { '': order('1') };
const requests = ({ serde }: ParticipantWorld): Requests => new Requests(serde);
const isAnswered =
  (...events: readonly { readonly eventName: string }[]) =>
  (world: ParticipantWorld): boolean =>
    events.every((event) => world.of(event).length > 0);
const skipped = { eventName: 'troupe.StepSkipped' };
const isDead = (world: ParticipantWorld): boolean => world.of('stock.dead-letter').length > 0;
const refuse = async (): Promise<never> => {
  throw new TerminalError('the shelf is on fire');
};
/** Its first attempt fails, in whatever process; the next one comes at once. */
const stockAtSecondAttempt = (inbox: DatabaseInbox): StepHandler => {
  const inTransaction = stockIn(inbox);
  return stock(async (input, ctx) => {
    if (ctx.attempt === 1) throw new Error('the answer was lost');
    return inTransaction.execute(input, ctx);
  });
};
/** Lets the time before the next attempt pass. */
const isAnsweredAfterRetry =
  (event: { readonly eventName: string }) =>
  (world: ParticipantWorld): boolean => {
    if (world.clock.hasTimer(100)) world.clock.advance(100);
    return isAnswered(event)(world);
  };
const shippedIn = (inbox: DatabaseInbox): EventHandler =>
  on(OrderShipped, (event, ctx) =>
    ctx.transaction(inbox, (tx) => tx.write(`shipped ${event.orderId}`)),
  );
const shipped = (): Event => new OrderShipped({ orderId: '1' });
const ends = { handlers: (inbox: DatabaseInbox) => [stockIn(inbox)], effects: [], fails: false };

/** Every way through the participant; each has a record of its own. */
export const recordKinds: readonly RecordKind[] = [
  {
    ...ends,
    name: 'executing a step',
    send: (world) => world.send(order('1')),
    ended: isAnswered(StockReserved),
    effects: ['reserve 1'],
  },
  {
    ...ends,
    name: 'executing a step without a transaction',
    handlers: () => [stock()],
    send: (world) => world.send(order('1')),
    ended: isAnswered(StockReserved),
  },
  {
    ...ends,
    name: 'executing a step that was asked for',
    send: (world) => world.send(requests(world).run('1', step, { inputs }), { step }),
    ended: isAnswered(StockReserved),
    effects: ['reserve 1'],
  },
  {
    ...ends,
    name: 'executing a step whose first attempt may have done something',
    handlers: (inbox) => [stockAtSecondAttempt(inbox)],
    send: (world) => world.send(order('1')),
    ended: isAnsweredAfterRetry(StockReserved),
    effects: ['reserve 1'],
  },
  {
    ...ends,
    name: 'skipping a step that its condition would want at second thought',
    handlers: (inbox) => [stockOnSecondThought(inbox)],
    send: (world) => world.send(order('1')),
    // Nobody knows of a first thought that was not written down.
    ended: (world) => isAnswered(skipped)(world) || isAnswered(StockReserved)(world),
  },
  {
    ...ends,
    name: 'undoing a success',
    send: (world) =>
      world.send(requests(world).undo('1', step, { inputs, output: reserved('1'), undoes: 'a' }), {
        step,
      }),
    ended: isAnswered(StockReleased),
    effects: ['release 1'],
  },
  {
    ...ends,
    name: 'undoing in doubt',
    send: (world) => world.send(requests(world).undo('1', step, { inputs }), { step }),
    ended: isAnswered(StockReleased),
    effects: ['release 1'],
  },
  {
    ...ends,
    name: 'cancelling',
    send: (world) => world.send(requests(world).undo('1', step, { action: 'cancel' }), { step }),
    ended: isAnswered(skipped),
  },
  {
    ...ends,
    name: 'failing a step',
    handlers: () => [stock(refuse)],
    send: (world) => world.send(order('1')),
    ended: (world) => isAnswered({ eventName: 'troupe.StepFailed' })(world) && isDead(world),
    fails: true,
  },
  {
    ...ends,
    name: 'failing to undo',
    handlers: () => [stock(undefined, refuse)],
    send: (world) => world.send(requests(world).undo('1', step, { inputs }), { step }),
    ended: (world) => isAnswered({ eventName: 'troupe.StepFailed' })(world) && isDead(world),
    fails: true,
  },
  {
    ...ends,
    name: 'failing to read a step',
    send: (world) => world.send(order('1'), { value: Uint8Array.of(7) }),
    ended: (world) => isAnswered({ eventName: 'troupe.StepFailed' })(world) && isDead(world),
    fails: true,
  },
  {
    ...ends,
    name: 'handling an event',
    handlers: (inbox) => [shippedIn(inbox)],
    send: (world) => world.send(shipped()),
    ended: (_, inbox) => inbox.database.effects.length > 0,
    effects: ['shipped 1'],
  },
  {
    ...ends,
    name: 'failing to handle an event',
    handlers: () => [on(OrderShipped, refuse)],
    send: (world) => world.send(shipped()),
    ended: isDead,
    fails: true,
  },
  {
    ...ends,
    name: 'refusing a record that nobody can read',
    send: (world) => world.send(order('1'), { headers: { ce_id: '' } }),
    ended: isDead,
    fails: true,
  },
];
