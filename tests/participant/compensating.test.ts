import { effectId, headerNames, StepFailed, StepSkipped } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, released, reserved, stock, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { StockRejected, StockReleased, StockReserved } from './shop.ts';

let world: ParticipantWorld;
let requests: Requests;
let inbox: DatabaseInbox;
beforeEach(async () => {
  world = await ParticipantWorld.open();
  requests = new Requests(world.serde);
  inbox = new DatabaseInbox();
});
afterEach(() => world.close());

const step = 'reserve-stock';
const inputs = { '': order('1') };
const statuses = () => [...inbox.database.rows.values()].map(({ status }) => status);

describe('a compensation of a success', () => {
  it('is given input and output, and its outcome names what it undid', async () => {
    const given: unknown[] = [];
    const handler = stock(undefined, async (done) => {
      given.push(done);
      return released(done.input.orderId);
    });
    await world.started({ inbox, handlers: [handler] });
    await world.send(
      requests.undo('1', step, { inputs, output: reserved('1'), undoes: 'id-of-success' }),
      { step },
    );
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
    expect(given).toEqual([{ input: order('1'), output: reserved('1') }]);
    expect(world.of(StockReleased)[0]?.headers).toMatchObject({
      ce_step: step,
      ce_undoes: 'id-of-success',
    });
    expect(statuses()).toEqual(['compensated']);
  });

  it('is done once for each success, however often it is asked for', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const ask = (undoes: string, requestNumber: number) =>
      world.send(
        requests.undo('1', step, { inputs, output: reserved('1'), undoes, requestNumber }),
        { step },
      );
    await ask('a', 1);
    await ask('a', 2);
    await ask('b', 1);
    await world.until('three answers', () => world.of(StockReleased).length === 3);
    expect(inbox.database.effects).toEqual(['release 1', 'release 1']);
    const ids = world.of(StockReleased).map(({ headers }) => headers[headerNames.id]);
    expect(new Set(ids).size).toBe(2);
  });

  it('that fails for good says so, with what it was to undo', async () => {
    const handler = stock(undefined, async () => {
      throw new Error('the shelf is locked');
    });
    await world.started({ inbox, handlers: [handler], limits: { attemptsMax: 1 } });
    await world.send(requests.undo('1', step, { inputs, output: reserved('1'), undoes: 'a' }), {
      step,
    });
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({
      step,
      action: 'compensate',
      undoes: 'a',
      message: 'the shelf is locked',
    });
    expect(world.of('stock.dead-letter').length).toBe(1);
  });
});

describe('a compensation without an inbox', () => {
  it.each([
    ['of a success', { inputs, output: reserved('1'), undoes: 'a' }],
    ['in doubt', { inputs }],
  ])('%s is done again for each request, and its answers are one event', async (_, asked) => {
    let calls = 0;
    const counted = stock(undefined, async () => {
      calls += 1;
      return released('1');
    });
    await world.started({ handlers: [counted] });
    await world.send(requests.undo('1', step, { ...asked, requestNumber: 1 }), { step });
    await world.send(requests.undo('1', step, { ...asked, requestNumber: 2 }), { step });
    await world.until('two answers', () => world.of(StockReleased).length === 2);
    expect(calls).toBe(2);
    const [first, second] = world.of(StockReleased).map(({ headers }) => headers);
    expect(second?.[headerNames.id]).toBe(first?.[headerNames.id]);
    expect(second?.[headerNames.undoes]).toBe(first?.[headerNames.undoes]);
  });
});

describe('a compensation that cannot be read', () => {
  it('says so, with what it was to undo', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(requests.undo('1', step, { inputs }), { step, value: Uint8Array.of(7) });
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({
      action: 'compensate',
      undoes: 'doubt',
    });
  });
});

describe('a compensation of a step in doubt', () => {
  const ask = (requestNumber = 1) =>
    world.send(requests.undo('1', step, { inputs, requestNumber }), { step });

  it('makes sure that the step never runs, then undoes it without output', async () => {
    const given: unknown[] = [];
    const handler = stock(undefined, async (done) => {
      given.push(done.output);
      return released('1');
    });
    await world.started({ inbox, handlers: [handler] });
    await ask();
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
    expect(given).toEqual([undefined]);
    expect(world.of(StockReleased)[0]?.headers['ce_undoes']).toBe('doubt');
    expect(statuses()).toEqual(['cancelled', 'compensated']);
    // The trigger comes at last.
    await world.send(order('1'));
    await world.until('a skip', () => world.of(StepSkipped).length === 1);
    expect(world.of(StockReserved)).toEqual([]);
  });

  it.each([
    ['success', async () => reserved('1'), StockReserved],
    ['refusal', async () => new StockRejected({ orderId: '1', reason: '' }), StockRejected],
  ] as const)(
    'answers with the %s that is recorded, and undoes nothing',
    async (_, execute, type) => {
      await world.started({ inbox, handlers: [stock(execute)] });
      await world.send(order('1'));
      await world.until('an outcome', () => world.of(type).length === 1);
      await ask();
      await world.until('the outcome again', () => world.of(type).length === 2);
      expect(world.of(StockReleased)).toEqual([]);
      const [first, second] = world.of(type);
      expect(second?.headers).toEqual(first?.headers);
    },
  );

  it('undoes a step that failed, and cancels it', async () => {
    const handler = stock(async () => {
      throw new Error('busy');
    });
    await world.started({ inbox, handlers: [handler], limits: { attemptsMax: 1 } });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    await ask();
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
    expect(statuses().sort()).toEqual(['cancelled', 'compensated']);
  });

  it('is done once', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await ask(1);
    await ask(2);
    await world.until('two answers', () => world.of(StockReleased).length === 2);
    expect(inbox.database.effects).toEqual(['release 1']);
  });

  it('is done after a cancelling, too', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(requests.undo('1', step, { inputs, action: 'cancel' }), { step });
    await ask(2);
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
    expect(world.of(StepSkipped).length).toBe(1);
  });
});

describe('a cancelling', () => {
  const cancel = () => world.send(requests.undo('1', step, { inputs, action: 'cancel' }), { step });

  it('is answered with a skip, and the step never runs', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await cancel();
    await world.until('a skip', () => world.of(StepSkipped).length === 1);
    const value = world.of(StepSkipped)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepSkipped)).toMatchObject({ reason: 'cancelled' });
    await world.send(order('1'));
    await world.until('a skip again', () => world.of(StepSkipped).length === 2);
    expect(inbox.database.effects).toEqual([]);
  });

  it('is answered with what happened before', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(order('1'));
    await cancel();
    await world.until('the outcome twice', () => world.of(StockReserved).length === 2);
    expect(world.of(StepSkipped)).toEqual([]);
  });

  it('is answered with the failure before', async () => {
    const handler = stock(async () => {
      throw new Error('busy');
    });
    await world.started({ inbox, handlers: [handler], limits: { attemptsMax: 1 } });
    await world.send(order('1'));
    await cancel();
    await world.until('the failure twice', () => world.of(StepFailed).length === 2);
    expect(world.of('stock.dead-letter').length).toBe(1);
  });

  it('that comes before the next attempt of whoever took over is answered with the doubt', async () => {
    const doubt = { status: 'failed', outcome: undefined, recordedAtMs: 1 } as const;
    inbox.database.rows.set(
      effectId({ sagaName: 'place-order', correlationId: '1', step, action: 'execute' }),
      doubt,
    );
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await cancel();
    await world.until('an answer', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({ inDoubt: true });
    // The trigger comes again: the step never runs.
    await world.send(order('1'));
    await world.until('the answer again', () => world.of(StepFailed).length === 2);
    expect(new Set(world.of(StepFailed).map(({ headers }) => headers[headerNames.id])).size).toBe(
      1,
    );
    await world.send(requests.undo('1', step, { inputs }), { step });
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
    expect(inbox.database.effects).toEqual(['release 1']);
    expect(world.of(StepSkipped)).toEqual([]);
  });

  it('that cannot be read is a dead letter, and no compensation that failed', async () => {
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    const asked = requests.undo('1', step, { action: 'cancel' });
    await world.send(asked, { step, value: Uint8Array.of(7) });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(world.of(StepFailed)).toEqual([]);
    // When nothing came of it in time, the step is undone in doubt.
    await world.send(requests.undo('1', step, { inputs }), { step });
    await world.until('an undoing', () => world.of(StockReleased).length === 1);
  });

  it('is remembered without an inbox, as long as there are not too many', async () => {
    const limits = { cancelsRememberedMax: 1 };
    await world.started({ handlers: [stock()], limits });
    await cancel();
    await world.send(order('1'));
    await world.until('two skips', () => world.of(StepSkipped).length === 2);
    await world.send(requests.undo('2', step, { action: 'cancel' }), { step });
    await world.until('another skip', () => world.of(StepSkipped).length === 3);
    await world.send(order('1'));
    await world.until('the first is forgotten', () => world.of(StockReserved).length === 1);
  });
});
