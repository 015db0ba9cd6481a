import { NotDone, PoisonMessageError, TroupeError } from '@troupe/core';
import { StepFailed } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const failure = (at = 0) =>
  world.serde.decode(world.of(StepFailed)[at]?.record.value ?? new Uint8Array(), StepFailed);

/** Fails the first `times` calls. */
const failing = (times: number) => {
  let calls = 0;
  return stock(async ({ orderId }) => {
    calls += 1;
    if (calls <= times) throw new Error('busy');
    return reserved(orderId);
  });
};

describe('a failure in the inbox that nobody can read any more', () => {
  it('keeps no other request from running its step, which may have happened', async () => {
    const database = new Database();
    let calls = 0;
    const handler = stock(async () => {
      calls += 1;
      throw new NotDone('nothing is there');
    });
    await world.started({ inbox: new DatabaseInbox(database), handlers: [handler] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    expect(await failure()).toMatchObject({ inDoubt: false });
    for (const [key, row] of database.rows) {
      if (row.outcome === undefined) continue;
      const outcome = { ...row.outcome, value: Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 1) };
      database.rows.set(key, { ...row, outcome });
    }
    await world.send(order('1'));
    await world.until('another failure', () => world.of(StepFailed).length === 2);
    expect(await failure(1)).toMatchObject({ inDoubt: true });
    expect(calls).toBe(2);
  });
});

describe('a handler that says in the end that nothing happened', () => {
  const limits = { retryFirstDelayMs: 0 };

  it.each([
    ['an attempt before it said nothing', [new Error('the answer was lost')], true],
    ['a database was away before', [new TroupeError('store-unavailable', 'no database')], true],
    ['it was the only attempt', [], false],
  ])('is believed for its own attempt: %s', async (_, before, inDoubt) => {
    let calls = 0;
    const handler = stock(async () => {
      calls += 1;
      throw before[calls - 1] ?? new NotDone('nothing is there');
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [handler], limits });
    await world.send(order('1'));
    for (const _error of before) {
      await world.until('a wait', () => (world.clock.nextTimerMs ?? 1_000) <= 100);
      world.clock.advance(100);
    }
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    expect(await failure()).toMatchObject({ code: 'not-done', inDoubt });
  });

  it.each([
    ['an error', () => new Error('the answer was lost')],
    ['an outage', () => new TroupeError('store-unavailable', 'no database')],
  ])(
    'is not believed for an attempt before the hand-over, which ended with %s',
    async (_, lost) => {
      const database = new Database();
      let calls = 0;
      const handler = stock(async () => {
        calls += 1;
        throw calls === 1 ? lost() : new NotDone('a charge of that id is there already');
      });
      const settings = () => ({ inbox: new DatabaseInbox(database), handlers: [handler] });
      const before = await world.started(settings());
      const id = await world.send(order('1'));
      await world.until('the wait for another attempt', () => world.clock.hasTimer(100));
      await before.stop();
      expect([...database.rows.values()]).toMatchObject([{ status: 'failed', outcome: undefined }]);
      await world.started(settings());
      await world.until('a failure', () => world.of(StepFailed).length === 1);
      const doubt = { code: 'not-done', attempts: 1, inDoubt: true };
      expect(await failure()).toMatchObject(doubt);
      // Nor is it for what an earlier record had attempted.
      await world.send(order('1'), { id: `not ${id}` });
      await world.until('another failure', () => world.of(StepFailed).length === 2);
      expect(await failure(1)).toMatchObject(doubt);
    },
  );

  it('is not believed for an attempt that was given up in the middle when its time to drain was over', async () => {
    const database = new Database();
    let calls = 0;
    const handler = stock(async () => {
      calls += 1;
      if (calls === 1) await new Promise(() => undefined);
      throw new NotDone('a charge of that id is there already');
    });
    const settings = () => ({ inbox: new DatabaseInbox(database), handlers: [handler] });
    const inbox = new DatabaseInbox(database);
    inbox.stop = async () => {
      inbox.record = () => Promise.reject(new TroupeError('stopped', 'it is closed'));
    };
    const limits = { drainTimeoutMs: 3_000 };
    const before = await world.started({ ...settings(), inbox, limits });
    await world.send(order('1'));
    await world.until('a call', () => calls === 1);
    const stopped = before.stop();
    await world.until('it drains', () => world.clock.hasTimer(3_000));
    world.clock.advance(3_000);
    await stopped;
    await world.started(settings());
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    expect(await failure()).toMatchObject({ code: 'not-done', attempts: 1, inDoubt: true });
  });

  it('is not believed either by who cannot read any more what an attempt before was given', async () => {
    const inbox = new DatabaseInbox();
    const service = await world.started({ inbox, handlers: [failing(1)] });
    await world.send(order('1'));
    await world.until('the wait for another attempt', () => world.clock.hasTimer(100));
    await service.stop();
    const decode = (): never => {
      throw new PoisonMessageError('what is that');
    };
    const serde = portWith(world.serde, { decode });
    await world.started({ inbox, handlers: [failing(0)], serde });
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const doubt = { code: 'poison-message', attempts: 0, inDoubt: true };
    expect(await failure()).toMatchObject(doubt);
  });

  it('costs one row for all attempts, and none where the first one succeeds', async () => {
    const inbox = new DatabaseInbox();
    const recorded: string[] = [];
    const record = inbox.record.bind(inbox);
    inbox.record = async (effectId, work) => {
      const row = await record(effectId, work);
      if (!effectId.startsWith('instance/')) recorded.push(row.status);
      return row;
    };
    const handler = failing(3);
    await world.started({ inbox, handlers: [handler], limits });
    await world.send(order('1'));
    for (let retries = 0; retries < 3; retries += 1) {
      await world.until('a wait', () => world.clock.hasTimer(0));
      world.clock.advance(0);
    }
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(recorded).toEqual(['failed', 'succeeded']);
    await world.send(order('2'));
    await world.until('another outcome', () => world.of(StockReserved).length === 2);
    expect(recorded).toEqual(['failed', 'succeeded', 'succeeded']);
  });
});
