import { NotDone, TerminalError } from '@troupe/core';
import { effectId, headerNames, outcomeId, StepFailed, StepSkipped } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { gift, order, reserved, stock, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { GiftWrapped, OrderPlaced, StockRejected, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const effect = effectId({
  sagaName: 'place-order',
  correlationId: '1',
  step: 'reserve-stock',
  action: 'execute',
});

describe('a step that one event triggers', () => {
  it('is run, and its outcome says what it is of', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const id = await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    const [outcome] = world.of(StockReserved);
    expect(outcome).toMatchObject({ topic: 'stock', key: '1' });
    expect(outcome?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_id: outcomeId(effect, 'succeeded'),
      ce_source: 'stock',
      ce_type: 'stock.StockReserved',
      ce_correlationid: '1',
      ce_causationid: id,
      ce_step: 'reserve-stock',
      'content-type': 'application/avro',
    });
    expect(outcome?.headers['ce_saga']).toMatch(/^place-order@1#/);
    expect(inbox.database.effects).toEqual(['reserve 1']);
    expect(inbox.database.rows.get(effect)?.status).toBe('succeeded');
  });

  it('is run by a rejection that it returns, too', async () => {
    const inbox = new DatabaseInbox();
    const refuse = stock(async ({ orderId }) => new StockRejected({ orderId, reason: 'none' }));
    await world.started({ inbox, handlers: [refuse] });
    await world.send(order('1'));
    await world.until('a refusal', () => world.of(StockRejected).length === 1);
    expect(world.of(StockRejected)[0]?.headers['ce_id']).toBe(outcomeId(effect, 'rejected'));
    expect(inbox.database.rows.get(effect)?.status).toBe('rejected');
  });

  it('is skipped when its condition says so, and another step of the event is run', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox), gift] });
    await world.send(order('1'));
    await world.send(order('2', 'for Ada'));
    await world.until('both', () => world.of(GiftWrapped).length === 1);
    await world.until('a skip', () => world.of(StepSkipped).length === 1);
    await world.until('outcomes', () => world.of(StockReserved).length === 2);
    const [skipped] = world.of(StepSkipped);
    expect(skipped?.headers).toMatchObject({ ce_step: 'wrap-gift', ce_correlationid: '1' });
    expect(world.of(GiftWrapped)[0]?.key).toBe('2');
  });

  it('is left alone without ce_saga: the coordinator asks for it', async () => {
    let calls = 0;
    const counted = stock(async ({ orderId }) => {
      calls += 1;
      return reserved(orderId);
    });
    await world.started({ handlers: [counted] });
    await world.send(order('1'), { saga: null });
    await world.send(order('2'));
    await world.until('the second', () => world.of(StockReserved).length === 1);
    expect(calls).toBe(1);
    expect(world.of(StockReserved)[0]?.key).toBe('2');
  });

  it('is done once when its trigger is delivered twice, and the very same outcome is sent again', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const id = await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    world.clock.advance(5_000);
    await world.send(order('1'), { id });
    await world.until('the outcome again', () => world.of(StockReserved).length === 2);
    const [first, second] = world.of(StockReserved);
    expect(second?.headers).toEqual(first?.headers);
    expect(second?.record.value).toEqual(first?.record.value);
    expect(inbox.database.effects).toEqual(['reserve 1']);
  });

  it('is done again for each delivery without an inbox, and health says so', async () => {
    let calls = 0;
    const counted = stock(async ({ orderId }) => {
      calls += 1;
      return reserved(orderId);
    });
    const service = await world.started({ handlers: [counted] });
    expect(service.health()).toMatchObject({
      live: true,
      ready: true,
      problems: [{ code: 'effects-not-durable' }],
    });
    const id = await world.send(order('1'));
    await world.send(order('1'), { id });
    await world.until('outcomes', () => world.of(StockReserved).length === 2);
    expect(calls).toBe(2);
    const ids = world.of(StockReserved).map(({ headers }) => headers[headerNames.id]);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('what a handler returns', () => {
  const failures: [string, Parameters<typeof stock>[0], RegExp, string][] = [
    [
      'nothing',
      // As an untyped handler does.
      async () => undefined as unknown as StockReserved,
      /reserve-stock returned undefined, expected stock.StockReserved or stock.StockRejected/,
      'outcome-invalid',
    ],
    [
      'another event',
      async ({ orderId }) => new OrderPlaced({ orderId, cents: 1 }) as unknown as StockReserved,
      /returned an event shop.OrderPlaced, expected stock.StockReserved/,
      'outcome-invalid',
    ],
    [
      'an event of another saga',
      async () => reserved('other'),
      /orderId "other", but its saga is "1"/,
      'outcome-invalid',
    ],
    [
      'more than a record may hold',
      async ({ orderId }) => new StockReserved({ orderId, shelf: 'x'.repeat(2_000_000) }),
      /takes 2\d+ bytes, the most is 1000000/,
      'message-too-large',
    ],
  ];
  it.each(failures)('%s: fails the step at once and in doubt', async (_, execute, text, code) => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stock(execute)] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    const failed = await world.serde.decode(value, StepFailed);
    expect(failed).toMatchObject({ step: 'reserve-stock', attempts: 1, inDoubt: true, code });
    expect(failed.message).toMatch(text);
  });

  it('is checked before the local commit', async () => {
    const inbox = new DatabaseInbox();
    const wrong = stock((_, ctx) =>
      ctx.transaction(inbox, (tx) => {
        tx.write('reserve 1');
        return reserved('other');
      }),
    );
    await world.started({ inbox, handlers: [wrong] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    expect(inbox.database.effects).toEqual([]);
  });
});

describe('a handler that gives up', () => {
  it.each([
    ['TerminalError', new TerminalError('the shelf is gone'), 'terminal', true],
    ['NotDone', new NotDone('nothing was touched'), 'not-done', false],
  ])('with %s is not tried again', async (_, error, code, inDoubt) => {
    let calls = 0;
    const failing = stock(async () => {
      calls += 1;
      throw error;
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({
      code,
      inDoubt,
      attempts: 1,
    });
    expect(calls).toBe(1);
  });
});
