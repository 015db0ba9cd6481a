import { effectId, StepSkipped } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, released, reserved, stock, stockOnSecondThought } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';

const step = 'reserve-stock';
const inputs = { '': order('1') };
const effect = effectId({ sagaName: 'place-order', correlationId: '1', step, action: 'execute' });

let world: ParticipantWorld;
let inbox: DatabaseInbox;
let writtenBeforeSent: (string | undefined)[];
let calls: number;
beforeEach(async () => {
  world = await ParticipantWorld.open();
  inbox = new DatabaseInbox();
  writtenBeforeSent = [];
  calls = 0;
  const counted = stock(
    async () => {
      calls += 1;
      return reserved('1');
    },
    async () => {
      calls += 1;
      return released('1');
    },
  );
  await world.started({
    inbox,
    handlers: [stockOnSecondThought(inbox, counted)],
    checkpoint: (at) => {
      if (at === 'before-send') writtenBeforeSent.push(inbox.database.rows.get(effect)?.status);
    },
  });
  await world.send(order('1'));
  await world.until('a skip', () => world.of(StepSkipped).length === 1);
});
afterEach(() => world.close());

describe('a step that its condition skips', () => {
  it('is a row before it is an answer', async () => {
    expect(writtenBeforeSent).toEqual(['skipped']);
    expect([...inbox.database.rows]).toMatchObject([[effect, { status: 'skipped' }]]);
    const value = world.of(StepSkipped)[0]?.record.value ?? new Uint8Array();
    const skipped = { correlationId: '1', step, reason: 'condition' };
    expect(await world.serde.decode(value, StepSkipped)).toMatchObject(skipped);
    expect(calls).toBe(0);
  });

  it.each([
    ['the same event', () => order('1')],
    ['a request to run it', (asked: Requests) => asked.run('1', step, { inputs })],
    ['one to cancel it', (asked: Requests) => asked.undo('1', step, { inputs, action: 'cancel' })],
    ['one to undo it in doubt', (asked: Requests) => asked.undo('1', step, { inputs })],
  ])('answers %s as it is written down, though the condition says yes by now', async (_, ask) => {
    const rows = [...inbox.database.rows];
    world.clock.advance(5_000);
    await world.send(ask(new Requests(world.serde)), { step });
    await world.until('the skip again', () => world.of(StepSkipped).length === 2);
    const [first, second] = world.of(StepSkipped);
    expect(second?.headers).toEqual(first?.headers);
    expect(second?.record.value).toEqual(first?.record.value);
    expect([...inbox.database.rows]).toEqual(rows);
    expect(calls).toBe(0);
  });
});
