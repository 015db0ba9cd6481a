import { type Checkpoint, checkpoints } from '@troupe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awaitsOf } from './awaits-of.ts';
import { DatabaseInbox } from './database-inbox.ts';
import { ParticipantWorld } from './participant-world.ts';
import { type RecordKind, recordKinds } from './record-kinds.ts';
import { TracedOutside } from './traced-outside.ts';

/** Between receiving a record and marking its offset as done. */
const wayOfARecord = [
  'packages/core/src/participant/process-record.ts',
  'packages/core/src/participant/effects',
  'packages/core/src/participant/effects/attempts',
  'packages/core/src/participant/effects/inbox',
  'packages/core/src/participant/effects/steps',
  'packages/core/src/participant/waiting/outage.ts',
  'packages/core/src/participant/sending/outcome-sender.ts',
  'packages/core/src/participant/intake/partition-intake.ts',
];
/** Its calls are traced below: a checkpoint lies on both sides of each. */
const outside = ['find', 'record', 'decode', 'send', 'markDone'];
/** The handler: `before-local-commit` is in it, `attempt-begins` and `attempt-ended` on its sides. */
const handler = ['work', 'call'];
/** There only time passes, and nothing outside has changed since the checkpoint before. */
const timeOnly = ['wait', 'take', 'nextChange', 'allSettled', 'Promise'];
/** Passed on: `processRecord`, and one of the calls outside. */
const passedOn = ['process', 'action'];
/** Not on the way of any record. */
const elsewhere = ['prune'];

let world: ParticipantWorld;
let traced: TracedOutside;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
  traced = new TracedOutside();
});
afterEach(() => world.close());

async function passedWhile({ handlers, send, ended }: RecordKind) {
  const inbox = traced.inbox(new DatabaseInbox());
  await world.started({
    inbox,
    serde: traced.serde(world.serde),
    transport: traced.transport(world.transport()),
    handlers: handlers(inbox),
    checkpoint: traced.hook,
  });
  await world.settle();
  traced.on = true;
  await send(world);
  await world.until('an end', () => ended(world, inbox));
  await world.until('its offset', () => traced.passed.at(-1)?.name === 'marked-done');
  return traced.passed;
}

describe('the checkpoints of a record are complete', () => {
  it.each(recordKinds)('around all that is done outside while $name', async (kind) => {
    const passed = await passedWhile(kind);
    const bare = passed.filter((one, at) => {
      const beside = [passed[at - 1]?.kind, passed[at + 1]?.kind];
      return one.kind === 'outside' && beside.some((other) => other !== 'checkpoint');
    });
    expect(bare, passed.map(({ name }) => name).join(', ')).toEqual([]);
    expect(passed.filter((one) => one.kind === 'outside')).not.toEqual([]);
  });

  it('and each of them is passed by a record of some kind', async () => {
    const passed = new Set<string>();
    for (const kind of recordKinds) {
      traced = new TracedOutside();
      for (const { name } of await passedWhile(kind)) passed.add(name);
      await world.close();
      world = await ParticipantWorld.open({ partitions: 1 });
    }
    expect(checkpoints.filter((at: Checkpoint) => !passed.has(at))).toEqual([]);
    expect(outside.filter((name) => !passed.has(name))).toEqual([]);
  });

  it('and nothing else is waited for on its way: give a new wait a checkpoint, then name it here', () => {
    const { awaited, own } = awaitsOf(wayOfARecord);
    const others = [...outside, ...handler, ...timeOnly, ...passedOn, ...elsewhere];
    const known = new Set([...own, ...others, 'checkpoint']);
    expect(awaited.length).toBeGreaterThan(30);
    expect(awaited.filter(({ name }) => !known.has(name))).toEqual([]);
  });
});
