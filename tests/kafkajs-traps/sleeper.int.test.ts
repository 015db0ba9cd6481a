// A process that sleeps for longer than its session, and wakes: what it held is with another one by then.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { kafkaBrokers, uniqueName } from '@troupe/infra/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, record, TrapWorld, textOf } from './trap-world.ts';

let world: TrapWorld;
beforeEach(() => {
  world = new TrapWorld();
});
afterEach(() => world.close());

function startSleeper(environment: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'sleeper.ts')], {
    env: { ...process.env, KAFKA_BROKERS: kafkaBrokers().join(','), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  }
  world.atEnd(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return { said, send: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('SIGSTOP for longer than the session, and SIGCONT', () => {
  it('I5: what the sleeper does then counts for nothing, and it comes back as one of the group', async () => {
    const topic = await world.topic(2);
    const [groupId, transactionalId] = [uniqueName('group'), uniqueName('shard')];
    const { transport } = world.ours();
    const plain = transport.createProducer();
    await plain.send([record(topic, 'work', 0)]);
    const sleeper = startSleeper({
      TOPIC: topic,
      GROUP_ID: groupId,
      TRANSACTIONAL_ID: transactionalId,
    });
    await eventually(() => sleeper.said.includes('read work'));
    sleeper.send('SIGSTOP');

    const read: string[] = [];
    const heir = await transport.subscribe({
      groupId,
      topics: [topic],
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: 10_000,
      onAssigned: (claim) => ({
        onRecords: (records) => {
          for (const { value, offset } of records) {
            read.push(textOf(value));
            claim.markDone(topic, offset + 1n);
          }
        },
        onRevoked: async () => undefined,
      }),
      onBroadcast: () => undefined,
      onCrash: (error) => {
        throw error;
      },
    });
    await eventually(() => read.includes('work'));
    const producer = await transport.openTransactionalProducer(transactionalId);
    await producer.commit([record(topic, 'by the heir', 0)]);
    await eventually(() => read.includes('by the heir'));

    sleeper.send('SIGUSR2');
    sleeper.send('SIGCONT');
    await eventually(() => sleeper.said.some((line) => line.startsWith('refused')));
    expect(sleeper.said).toContain('the claim is lost');
    expect(sleeper.said).toContain('refused: producer-fenced');
    await eventually(() => heir.partitions.length === 1);
    const back = 1 - (heir.partitions[0] ?? -1);
    await eventually(() => sleeper.said.filter((line) => line === `assigned ${back}`).length === 2);
    await plain.send([record(topic, 'later 0', 0), record(topic, 'later 1', 1)]);
    await eventually(() => sleeper.said.includes(`read later ${back}`));
    await eventually(() => read.includes(`later ${1 - back}`));
    expect(read).toEqual(['work', 'by the heir', `later ${1 - back}`]);
    const values = (await world.read(topic)).map(({ value }) => value).sort();
    expect(values).toEqual(['by the heir', 'later 0', 'later 1', 'work']);
  });
});
