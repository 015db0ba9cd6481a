import { NotDone, RetryableError } from '@troupe/core';
import { headerNames, StepFailed, StepRequested } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld, type SeenRecord } from './participant-world.ts';
import { OrderPlaced, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const failureIn = (seen: SeenRecord | undefined) =>
  world.serde.decode(seen?.record.value ?? new Uint8Array(), StepFailed);

/** Fails the first `times` calls. */
function failing(times: number, error: () => Error = () => new Error('busy')) {
  let calls = 0;
  const handler = stock(async ({ orderId }) => {
    calls += 1;
    if (calls <= times) throw error();
    return reserved(orderId);
  });
  return {
    handler,
    get calls() {
      return calls;
    },
  };
}

describe('an attempt that fails', () => {
  it('is followed by others, with waits that double, and the outcome says which it was', async () => {
    const busy = failing(3);
    await world.started({ inbox: new DatabaseInbox(), handlers: [busy.handler] });
    await world.send(order('1'));
    for (const [attempt, delayMs] of [100, 200, 400].entries()) {
      await world.until(`the wait after ${attempt + 1}`, () => world.clock.hasTimer(delayMs));
      expect(busy.calls).toBe(attempt + 1);
      world.clock.advance(delayMs - 1);
      await world.settle();
      expect(busy.calls).toBe(attempt + 1);
      world.clock.advance(1);
    }
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of(StockReserved)[0]?.headers[headerNames.attempt]).toBe('4');
    const retries = world.lines.filter(({ message }) => message.includes('tried again in'));
    expect(retries.map(({ fields }) => fields?.['attempt'])).toEqual([1, 2, 3]);
  });

  it('is followed when the handler says so, within the limit', async () => {
    const later = failing(2, () => new RetryableError('later', { retryAfterMs: 20_000 }));
    const limits = { retryAfterMsMax: 7_000 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [later.handler], limits });
    await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(7_000));
    world.clock.advance(7_000);
    await world.until('another wait', () => world.clock.hasTimer(7_000));
    world.clock.advance(7_000);
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });
});

describe('a local transaction', () => {
  it('that a handler leaves behind when it throws is not committed', async () => {
    const inbox = new DatabaseInbox();
    const left: Promise<unknown>[] = [];
    const { promise: slowQuery, resolve: answer } = Promise.withResolvers<void>();
    const hasty = stock(async ({ orderId }, ctx) => {
      const work = async () => {
        await slowQuery;
        return reserved(orderId);
      };
      // Not awaited.
      if (ctx.attempt === 1) left.push(ctx.transaction(inbox, work));
      throw new NotDone('there was no need to');
    });
    await world.started({ inbox, handlers: [hasty] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    answer();
    const [settled] = await Promise.allSettled(left);
    expect(settled).toMatchObject({ status: 'rejected' });
    await world.settle();
    expect([...inbox.database.rows.values()].map(({ status }) => status)).toEqual(['failed']);
  });

  it('is the only one of its effect: the work of a second one is not run, and the log says so', async () => {
    const inbox = new DatabaseInbox();
    const twice = stock(async ({ orderId }, ctx) => {
      const work = (what: string) =>
        ctx.transaction(inbox, (tx) => {
          tx.write(what);
          return reserved(orderId);
        });
      await work('first');
      return work('second');
    });
    await world.started({ inbox, handlers: [twice] });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(inbox.database.effects).toEqual(['first']);
    const warned = world.lines.filter(({ level }) => level === 'warn');
    expect(warned.map(({ fields }) => String(fields?.['error'])).join()).toMatch(
      /ctx.transaction was called again .*do all of the work in it/,
    );
  });
});

describe('a step whose attempts are used up', () => {
  const limits = { attemptsMax: 2, retryFirstDelayMs: 0 };

  async function failFor(inbox: DatabaseInbox, times = Number.POSITIVE_INFINITY): Promise<string> {
    await world.started({ inbox, handlers: [failing(times).handler], limits });
    const id = await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(0));
    world.clock.advance(0);
    await world.until('a failure', () => world.of('stock.dead-letter').length === 1);
    return id;
  }

  it('fails in doubt, and its trigger is a dead letter with its cause', async () => {
    const inbox = new DatabaseInbox();
    const id = await failFor(inbox);
    const [failed] = world.of(StepFailed);
    expect(failed?.topic).toBe('troupe.outcomes');
    expect(failed?.headers).toMatchObject({ ce_step: 'reserve-stock', ce_causationid: id });
    expect(await failureIn(failed)).toMatchObject({
      correlationId: '1',
      step: 'reserve-stock',
      action: 'execute',
      code: 'attempts-exhausted',
      message: 'busy',
      attempts: 2,
      inDoubt: true,
    });
    const trigger = world.of(OrderPlaced)[0]?.record;
    const [letter] = world.of('stock.dead-letter');
    expect(letter).toMatchObject({ key: '1', type: 'shop.OrderPlaced' });
    expect(letter?.record.value).toEqual(trigger?.value);
    expect(letter?.headers).toMatchObject({
      ce_id: id,
      troupe_dead_letter_topic: 'shop',
      troupe_dead_letter_partition: String(trigger?.partition),
      troupe_dead_letter_offset: String(trigger?.offset),
      troupe_dead_letter_group: 'stock',
      troupe_dead_letter_code: 'attempts-exhausted',
      troupe_dead_letter_message: 'busy',
      troupe_dead_letter_attempt: '2',
      troupe_dead_letter_time: new Date(world.clock.nowMs()).toISOString(),
    });
    expect([...inbox.database.rows.values()].map(({ status }) => status)).toEqual(['failed']);
  });

  it('says so again when the same trigger comes again', async () => {
    const inbox = new DatabaseInbox();
    const id = await failFor(inbox, 2);
    await world.send(order('1'), { id });
    await world.until('the failure again', () => world.of('stock.dead-letter').length === 2);
    const [first, second] = world.of(StepFailed);
    expect(second?.headers).toEqual(first?.headers);
    expect(world.of(StockReserved)).toEqual([]);
  });

  it('is run anew when it is asked for anew, and a second failure is another event', async () => {
    const inbox = new DatabaseInbox();
    await failFor(inbox);
    const input = {
      dependency: '',
      type: 'shop.OrderPlaced',
      eventId: 'e',
      framed: world.serde.encode(order('1')),
    };
    const request = new StepRequested({
      correlationId: '1',
      step: 'reserve-stock',
      requestNumber: 1,
      inputs: [input],
      action: 'execute',
    });
    await world.send(request, { step: 'reserve-stock' });
    await world.until('a wait', () => world.clock.hasTimer(0));
    world.clock.advance(0);
    await world.until('a second failure', () => world.of(StepFailed).length === 2);
    const ids = world.of(StepFailed).map(({ headers }) => headers[headerNames.id]);
    expect(new Set(ids).size).toBe(2);
  });

  it('is not in doubt when its last word is that nothing was done', async () => {
    const calls = failing(2, () => new NotDone('no'));
    await world.started({ inbox: new DatabaseInbox(), handlers: [calls.handler], limits });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    expect(await failureIn(world.of(StepFailed)[0])).toMatchObject({ inDoubt: false });
  });

  it('cuts a long error text, and keeps what is no UTF-8 out of it', async () => {
    const text = `\ud800${'x'.repeat(100_000)}`;
    const failingStock = failing(1, () => new NotDone(text));
    await world.started({ inbox: new DatabaseInbox(), handlers: [failingStock.handler] });
    await world.send(order('1'));
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    const { message } = await failureIn(world.of(StepFailed)[0]);
    expect(message).toBe(`\ufffd${'x'.repeat(999)}`);
  });
});

describe('a trigger that cannot be decoded', () => {
  it.each([
    ['garbage', Uint8Array.of(1, 2, 3)],
    ['a tombstone', null],
    ['truncated bytes', Uint8Array.of(0, 0, 0)],
  ])('(%s) fails its step without doubt and is a dead letter', async (_, value) => {
    const fine = failing(0);
    await world.started({ inbox: new DatabaseInbox(), handlers: [fine.handler] });
    await world.send(order('1'), { value });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(await failureIn(world.of(StepFailed)[0])).toMatchObject({
      code: 'poison-message',
      inDoubt: false,
      attempts: 0,
    });
    const [letter] = world.of('stock.dead-letter');
    expect(letter?.record.value ?? null).toEqual(value);
    expect(fine.calls).toBe(0);
    await world.send(order('2'));
    await world.until('the next', () => world.of(StockReserved).length === 1);
  });

  it('is one too when its payload belongs to another saga than its key', async () => {
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing(0).handler] });
    await world.send(order('1'), { value: world.serde.encode(order('2')) });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect((await failureIn(world.of(StepFailed)[0])).message).toMatch(/its saga is "2"/);
  });
});

describe('a record with headers that cannot be read', () => {
  it.each([
    ['no type', '1', { ce_type: '' }],
    ['a saga that is no reference', '1', { ce_saga: 'place-order' }],
    ['another correlation id than its key', '1', { ce_correlationid: '2' }],
    ['bytes that are no UTF-8', '1', { ce_id: Uint8Array.of(0xff, 0xfe) }],
    ['an id of a megabyte', '1', { ce_id: 'x'.repeat(500_000) }],
  ])('(%s) is a dead letter, once, and harms no other', async (_, orderId, headers) => {
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing(0).handler] });
    await world.send(order(orderId), { headers });
    await world.send(order(orderId));
    await world.until('the next', () => world.of(StockReserved).length === 1);
    const letters = world.of('stock.dead-letter');
    expect(letters.map((one) => one.headers['troupe_dead_letter_code'])).toEqual([
      'header-invalid',
    ]);
    expect(world.of(StepFailed)).toEqual([]);
  });

  it('is a dead letter without its value when there is no room for both', async () => {
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing(0).handler] });
    const value = new Uint8Array(1_048_200);
    await world.write('shop', '1', value, { ce_id: '1' });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    const [letter] = world.of('stock.dead-letter');
    expect(letter?.headers['troupe_dead_letter_message']).toMatch(/read it at its offset/);
    expect(letter?.record.value).toBeNull();
  });
});
