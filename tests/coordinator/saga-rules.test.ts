import { defineEvent, defineSaga, defineStep, type Event, t, toGraph } from '@troupe/core';
import {
  internalTopics,
  StepFailed,
  StepSkipped,
  sagaRef,
  writeMessageHeaders,
} from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Installation } from './installation.ts';

/** The rules themselves are tested in core; here, that the coordinator carries them out on a log. */
const id = t.string().key();
class OrderPlaced extends defineEvent('shop.OrderPlaced', { id }) {}
class StockReserved extends defineEvent('shop.StockReserved', { id }) {}
class StockReleased extends defineEvent('shop.StockReleased', { id }) {}
class CardCharged extends defineEvent('shop.CardCharged', { id }) {}
class CardDeclined extends defineEvent('shop.CardDeclined', { id }) {}
class OrderShipped extends defineEvent('shop.OrderShipped', { id }) {}
class ShipmentRefused extends defineEvent('shop.ShipmentRefused', { id }) {}

const reserve = defineStep('reserve', {
  after: OrderPlaced,
  emits: StockReserved,
  compensates: StockReleased,
  timeoutMs: 60_000,
});
const charge = defineStep('charge', {
  after: OrderPlaced,
  emits: CardCharged,
  rejects: CardDeclined,
  compensates: null,
  timeoutMs: 60_000,
});
const ship = defineStep('ship', {
  after: { order: OrderPlaced, stock: reserve, card: charge },
  emits: OrderShipped,
  rejects: ShipmentRefused,
  pivot: true,
  when: () => true,
  timeoutMs: 60_000,
});
const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserve, charge, ship],
});

const patience = { timeout: 10_000, interval: 2 };

let clock: ManualClock;
let troupe: Installation;

beforeEach(async () => {
  clock = new ManualClock();
  troupe = new Installation(placeOrder, clock);
  await troupe.open();
  await troupe.define();
  await done(troupe.startCoordinator());
});
afterEach(() => troupe.close());

async function until(condition: () => void, stepMs = 5): Promise<void> {
  await vi.waitFor(() => {
    clock.advance(stepMs);
    condition();
  }, patience);
}

async function done(work: Promise<unknown>): Promise<void> {
  let settled = false;
  void work.finally(() => {
    settled = true;
  });
  await until(() => expect(settled).toBe(true));
}

const phaseIs = (phase: string) => () => expect(troupe.phase('o')).toBe(phase);
const asked =
  (...requests: string[]) =>
  () =>
    expect(troupe.requestsOf('o')).toEqual(requests);
const types = () => troupe.lives.get('o')?.map(({ type }) => type) ?? [];
const o = { id: 'o' };

async function publish(...events: Event[]): Promise<void> {
  for (const event of events) await troupe.publish(event);
}

async function undone(undoes: string): Promise<void> {
  await troupe.publish(new StockReleased(o), { undoes, id: `released/${undoes}` });
}

/** A technical outcome, as a participant publishes it. */
async function technical(event: StepFailed | StepSkipped): Promise<void> {
  await troupe.serde.prepare([StepFailed, StepSkipped], AbortSignal.timeout(5_000));
  const headers = writeMessageHeaders(
    {
      id: `${event['~event']}/${event.step}/${clock.nowMs()}`,
      source: 'outside',
      type: event['~event'],
      correlationId: 'o',
      causationId: undefined,
      saga: sagaRef(toGraph(placeOrder)),
      step: event.step,
      attempt: 1,
      undoes: undefined,
    },
    0,
  );
  const value = troupe.serde.encode(event);
  await troupe.send({ topic: internalTopics.outcomes, key: 'o', value, headers });
}

const failed = (step: string, action: 'execute' | 'compensate' = 'execute', undoes?: string) =>
  new StepFailed({
    correlationId: 'o',
    step,
    action,
    undoes,
    code: 'terminal',
    message: 'it broke',
    attempts: 3,
    inDoubt: true,
  });

const reserved = 'shop.StockReserved/o';
const askedToShip = 'troupe.StepRequested ship';
const askedToUndo = 'troupe.CompensationRequested reserve';

test('rule 12: outcomes before their start count when it comes, with what they brought', async () => {
  await publish(new CardCharged(o), new StockReserved(o));
  await until(phaseIs('awaited'));
  expect(troupe.requestsOf('o')).toEqual([]);
  await publish(new OrderPlaced(o));
  await until(asked(askedToShip));
  await publish(new OrderShipped(o));
  await until(phaseIs('completed'));
});

test('rule 12: outcomes whose start never comes are reported, and forgotten', async () => {
  await publish(new CardCharged(o));
  await until(phaseIs('awaited'));
  clock.advance(10 * 60_000);
  await until(() => expect(types()).toContain('saga-forgotten'));
  expect(troupe.folded('o')).toBeUndefined();
});

test('rule 12: an end marker is forgotten, and its records become tombstones', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardCharged(o), new OrderShipped(o));
  await until(phaseIs('completed'));
  clock.advance(60 * 60_000);
  await until(() => expect(types()).toContain('saga-forgotten'));
  const last = new Map(
    troupe.records
      .filter(({ topic }) => topic === internalTopics.state)
      .map(({ key, value }) => [Buffer.from(key ?? []).toString(), value] as const)
      .filter(([key]) => key.startsWith('saga/') || key.startsWith('payload/')),
  );
  expect(last.size).toBeGreaterThan(3);
  expect([...last.values()].filter((value) => value !== null)).toEqual([]);
});

test('rule 12: a success after the end reopens the saga as stuck', async () => {
  await publish(new OrderPlaced(o), new CardDeclined(o));
  await until(() => expect(types()).toContain('cancel-requested'));
  clock.advance(60_000);
  await technical(new StepSkipped({ correlationId: 'o', step: 'reserve', reason: 'cancelled' }));
  await until(phaseIs('compensated'));
  await publish(new StockReserved(o));
  await until(phaseIs('stuck: late-success'));
});

test('rule 9: a pivot in doubt undoes nothing, visibly, until it is known', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardCharged(o));
  await until(asked(askedToShip));
  await technical(failed('ship'));
  await until(phaseIs('stuck: pivot-in-doubt'));
  expect(troupe.requestsOf('o')).not.toContain(askedToUndo);
  await publish(new OrderShipped(o));
  await until(phaseIs('completed'));
});

test('rule 9: a pivot in doubt that was refused after all lets the rest be undone', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardCharged(o));
  await until(asked(askedToShip));
  await technical(failed('ship'));
  await until(phaseIs('stuck: pivot-in-doubt'));
  await publish(new ShipmentRefused(o));
  await until(() => expect(troupe.requestsOf('o')).toContain(askedToUndo));
  await undone(reserved);
  await until(phaseIs('compensated'));
});

test('rule 6: a skipped pivot undoes what succeeded', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardCharged(o));
  await until(asked(askedToShip));
  await technical(new StepSkipped({ correlationId: 'o', step: 'ship', reason: 'condition' }));
  await until(() => expect(troupe.requestsOf('o')).toContain(askedToUndo));
  await undone(reserved);
  await until(phaseIs('compensated'));
});

test('rule 9: a compensation that fails is stuck, and goes on when it succeeds after all', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardDeclined(o));
  await until(asked(askedToUndo));
  await technical(failed('reserve', 'compensate', reserved));
  await until(phaseIs('stuck: compensation-failed'));
  await undone(reserved);
  await until(phaseIs('compensated'));
});

test('rule 11: a compensation of which nobody hears is stuck, not for ever unseen', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o), new CardDeclined(o));
  await until(asked(askedToUndo));
  clock.advance(5 * 60_000);
  await until(phaseIs('stuck: compensation-timed-out'));
});

test('rule 10: two different successes of a step are each undone', async () => {
  await publish(new OrderPlaced(o), new StockReserved(o));
  await troupe.publish(new StockReserved(o), { id: 'again' });
  const askedToCancel = 'troupe.CompensationRequested charge';
  await until(asked(askedToUndo, askedToUndo, askedToCancel));
  await undone(reserved);
  await undone('again');
  await technical(new StepSkipped({ correlationId: 'o', step: 'charge', reason: 'cancelled' }));
  await until(phaseIs('compensated'));
});

test('rule 12: an event that the definition does not expect is seen, and harms nothing', async () => {
  await publish(new OrderPlaced(o));
  await publish(new StrayEvent(o));
  await until(() => expect(types()).toContain('deviation-seen'));
  expect(troupe.phase('o')).toBe('running');
  await publish(new StockReserved(o), new CardCharged(o), new OrderShipped(o));
  await until(phaseIs('completed'));
});

class StrayEvent extends defineEvent('shop.StrayEvent', { id }) {}
