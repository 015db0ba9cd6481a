import { type Checkpoint, checkpoints } from '@troupe/core';
import { headerNames } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { ParticipantWorld } from './participant-world.ts';
import { type RecordKind, recordKinds } from './record-kinds.ts';

let world: ParticipantWorld;
let database: Database;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
  database = new Database();
});
afterEach(() => world.close());

/** A process that dies when it comes to `at`: from then on nothing of it reaches anybody. */
async function startDoomed({ handlers }: RecordKind, at: Checkpoint): Promise<() => boolean> {
  const transport = world.transport();
  const inbox = new DatabaseInbox(database);
  let dead = false;
  await world.started({
    inbox,
    transport,
    handlers: handlers(inbox),
    checkpoint: (passed) => {
      if (passed !== at && !dead) return;
      if (!dead) transport.crash();
      dead = true;
      return new Promise(() => undefined);
    },
  });
  return () => dead;
}

describe.each(recordKinds)('a process killed while $name', (kind) => {
  it.each(checkpoints)('at "%s" leaves work that is done once', async (at) => {
    const isDead = await startDoomed(kind, at);
    await kind.send(world);
    const inbox = new DatabaseInbox(database);
    // No record passes all of them.
    await world.until('it dies or ends', () => isDead() || kind.ended(world, inbox));
    await world.settle();
    if (isDead()) await world.started({ inbox, handlers: kind.handlers(inbox) });
    await world.until('an end', () => kind.ended(world, inbox));
    await world.settle();
    expect(database.effects).toEqual(kind.effects);
    const outcomes = world.seen.filter(({ topic }) => /^(stock|troupe.outcomes)$/.test(topic));
    expect(new Set(outcomes.map(({ headers }) => headers[headerNames.id])).size).toBeLessThan(2);
    expect(world.of('stock.dead-letter').length > 0).toBe(kind.fails);
  });
});
