import type { Subscription } from '@troupe/core';
import { beforeEach, expect, test, vi } from 'vitest';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { TopicDirectory } from '../../topics/topic-directory.ts';
import { GroupConsumer } from './group-consumer.ts';

const subscription: Subscription = {
  groupId: 'g',
  topics: ['t'],
  broadcast: [],
  isolation: 'read-committed',
  sessionTimeoutMs: 10_000,
  onAssigned: () => ({ onRecords: () => undefined, onRevoked: async () => undefined }),
  onBroadcast: () => undefined,
  onCrash: () => undefined,
};

let connections: number;
let found: (counts: ReadonlyMap<string, number>) => void;
let notFound: (error: Error) => void;
let consumer: GroupConsumer;

beforeEach(() => {
  connections = 0;
  const surroundings = surroundingsOf({
    brokers: ['b:1'],
    clientId: 'c',
    socketFactory: () => {
      connections += 1;
      throw new Error('nobody connects here');
    },
  });
  const counts = Promise.withResolvers<ReadonlyMap<string, number>>();
  found = counts.resolve;
  notFound = counts.reject;
  const directory = new TopicDirectory(surroundings);
  vi.spyOn(directory, 'partitionCounts').mockImplementation(() => counts.promise);
  consumer = new GroupConsumer(surroundings, directory, subscription, () => undefined);
});

/** What keeps the process alive. */
const holds = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
const isLetGo = () => vi.waitUntil(() => holds() === 0, 10_000);

test('who is closed while its topics are looked up does not join', async () => {
  const joining = consumer.join();
  await consumer.close();
  found(new Map([['t', 1]]));
  await expect(joining).rejects.toMatchObject({ code: 'stopped' });
  expect(connections).toBe(0);
});

test('it keeps the process alive from its join to its close', async () => {
  await isLetGo();
  const joining = consumer.join();
  expect(holds()).toBe(1);
  await consumer.close();
  await isLetGo();
  found(new Map([['t', 1]]));
  await expect(joining).rejects.toThrow();
});

test('or to the failure of that join', async () => {
  await isLetGo();
  const joining = consumer.join();
  expect(holds()).toBe(1);
  notFound(new Error('no such topic'));
  await expect(joining).rejects.toThrow('no such topic');
  await isLetGo();
});
