import { defineEvent, defineSaga, defineStep, t, toGraph, topicsOf } from '@troupe/core';
import { hashOfGraph, writeDefinition } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { placeOrder } from './shop.ts';

const id = t.string().key();
class BookLent extends defineEvent('library.BookLent', { id }) {}
class BookReturned extends defineEvent('library.BookReturned', { id }) {}

const dayMs = 24 * 60 * 60_000;

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

describe('a service that runs', () => {
  it('deletes inbox rows that are older than its limit, now and then, also after an error', async () => {
    const inbox = new DatabaseInbox();
    const limits = { inboxRetentionMs: 10_000_000_000, inboxPruneEveryMs: 1_000_000_000 };
    const service = await world.started({ inbox, handlers: [stock()], limits });
    await world.send(order('1'));
    await world.until('a row', () => inbox.database.rows.size === 1);
    const { prune } = inbox;
    inbox.prune = () => Promise.reject(new Error('locked'));
    for (let time = 1; time <= 11; time += 1) {
      expect(inbox.database.rows.size).toBe(1);
      world.clock.advance(1_000_000_000);
      await world.until('the next time', () => world.clock.hasTimer(1_000_000_000));
      inbox.prune = prune;
    }
    expect(inbox.database.rows.size).toBe(0);
    await service.stop();
    expect(world.clock.nextTimerMs).toBeUndefined();
    expect(world.lines.map(({ message }) => message)).toContain(
      'old inbox rows could not be deleted, tried again later',
    );
  });
});

const passDay = async () => {
  world.clock.advance(dayMs);
  await world.settle();
};

it.each([
  ['twice the longest saga, and a segment', { timeoutMs: 40 * dayMs, limit: 30 * dayMs, days: 87 }],
  ['7 days, and a segment', { timeoutMs: dayMs, limit: dayMs, days: 14 }],
  ['what the limit says', { timeoutMs: dayMs, limit: 20 * dayMs, days: 20 }],
])('rows are kept for as long as their events may come again: %s', async (_, given) => {
  const step = defineStep('lend', { after: BookLent, emits: BookReturned });
  const { timeoutMs } = given;
  const lending = defineSaga('lending', {
    version: 1,
    startsOn: BookLent,
    steps: [step],
    timeoutMs,
  });
  const { topics } = world.transport();
  await topics.create(topicsOf([lending], ['stock'], { partitions: 2 }));
  const inbox = new DatabaseInbox();
  const limits = { inboxRetentionMs: given.limit, inboxPruneEveryMs: dayMs };
  await world.started({ inbox, handlers: [stock()], sagas: [lending, placeOrder], limits });
  await world.send(order('1'));
  await world.until('a row', () => inbox.database.rows.size === 1);
  for (let day = 1; day <= given.days; day += 1) await passDay();
  expect(inbox.database.rows.size).toBe(1);
  await passDay();
  expect(inbox.database.rows.size).toBe(0);
});

it('I9: a definition of foreign hands that takes for ever is ignored, and keeps no row', async () => {
  const graph = { ...toGraph(placeOrder), version: 9, timeoutMs: Number.MAX_SAFE_INTEGER };
  const wrong = writeDefinition({ ...graph, hash: hashOfGraph(graph) });
  await world.write(wrong.topic, String(wrong.key), wrong.value, wrong.headers);
  const inbox = new DatabaseInbox();
  const limits = { inboxRetentionMs: dayMs, inboxPruneEveryMs: dayMs };
  const service = await world.started({ inbox, handlers: [stock()], limits });
  const message = expect.stringContaining('timeoutMs: expected a whole number from 1 to');
  expect(service.health().problems).toMatchObject([{ code: 'definition-conflict', message }]);
  await world.send(order('1'));
  await world.until('a row', () => inbox.database.rows.size === 1);
  for (let day = 1; day <= 15; day += 1) await passDay();
  expect(inbox.database.rows.size).toBe(0);
});
