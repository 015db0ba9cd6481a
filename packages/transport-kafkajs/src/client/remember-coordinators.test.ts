import { createRequire } from 'node:module';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { rememberCoordinators } from './remember-coordinators.ts';

const Cluster = createRequire(import.meta.url)('kafkajs/src/cluster/index.js');
let nowMs = 0;
let asked = 0;
let isConnected = true;

/** A cluster of kafkajs that is never connected: it answers by itself. */
function clusterThatAnswers() {
  const cluster = Object.create(Cluster.prototype);
  cluster.retrier = (run: () => unknown) => run();
  cluster.findGroupCoordinatorMetadata = async () => {
    asked += 1;
    return { coordinator: { nodeId: asked } };
  };
  cluster.findBroker = async ({ nodeId }: { nodeId: number }) => ({
    nodeId,
    isConnected: () => isConnected,
  });
  return cluster;
}

const transaction = (groupId = 'coordinator.0') => ({ groupId, coordinatorType: 1 });

beforeAll(() => {
  const clock = { monotonicMs: () => nowMs, nowMs: () => nowMs };
  rememberCoordinators({ ...clock, after: () => () => undefined, sleep: async () => undefined });
});

beforeEach(() => {
  asked = 0;
  isConnected = true;
});

test('the coordinator of a transactional id is asked for once a second', async () => {
  const cluster = clusterThatAnswers();
  const first = await cluster.findGroupCoordinator(transaction());
  nowMs += 999;
  expect(await cluster.findGroupCoordinator(transaction())).toBe(first);
  nowMs += 1;
  expect((await cluster.findGroupCoordinator(transaction())).nodeId).toBe(2);
});

test('it is asked for again when its connection is gone', async () => {
  const cluster = clusterThatAnswers();
  await cluster.findGroupCoordinator(transaction());
  isConnected = false;
  await cluster.findGroupCoordinator(transaction());
  expect(asked).toBe(2);
});

test('other ids, other clusters and groups are asked for themselves', async () => {
  const cluster = clusterThatAnswers();
  await cluster.findGroupCoordinator(transaction());
  await cluster.findGroupCoordinator(transaction('coordinator.1'));
  await clusterThatAnswers().findGroupCoordinator(transaction('coordinator.1'));
  await cluster.findGroupCoordinator({ groupId: 'coordinator.1' });
  await cluster.findGroupCoordinator({ groupId: 'coordinator.1' });
  expect(asked).toBe(5);
});
