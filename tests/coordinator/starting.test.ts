import type { Transport } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip } from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
});
afterEach(() => troupe.close());

/** One of the topics takes no more than this. */
const taking = (topic: string, bytes: number) => (transport: Transport) =>
  portWith(transport, {
    topics: portWith(transport.topics, {
      recordBytesMax: async (topics) => {
        const taken = await transport.topics.recordBytesMax(topics);
        return new Map(taken).set(topic, bytes);
      },
    }),
  });

test.each(['troupe.state', 'troupe.requests', 'troupe.sagas', 'troupe-coordinator.dead-letter'])(
  'I9: a coordinator whose records may be too large for %s does not start, and says what to change',
  async (topic) => {
    const { coordinator } = troupe.makeCoordinator({ around: taking(topic, 900_000) });
    await expect(coordinator.start()).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringMatching(
        new RegExp(`messageBytesMax.*but ${topic} takes 900000\\. Raise max\\.message\\.bytes`),
      ),
    });
  },
);

test('and it starts where its records fit', async () => {
  const { coordinator } = await troupe.startCoordinator({
    around: taking('troupe.state', 100_000),
    limits: { messageBytesMax: 60_000 },
  });
  expect(coordinator.health().live).toBe(true);
});

test('one that was stopped refuses to start again, and says that another one has to be made', async () => {
  const { coordinator } = await troupe.startCoordinator();
  await coordinator.stop();
  await expect(coordinator.start()).rejects.toMatchObject({
    code: 'stopped',
    message: expect.stringContaining('make another one'),
  });
  const { coordinator: next } = await troupe.startCoordinator();
  await vi.waitFor(() => expect(next.health().shards).toHaveLength(troupe.partitions));
});

test('one that did not start says why each time, also after stop()', async () => {
  const { coordinator } = troupe.makeCoordinator({ around: taking('troupe.state', 900_000) });
  const reason = { code: 'configuration-invalid' };
  await expect(coordinator.start()).rejects.toMatchObject(reason);
  await expect(coordinator.start()).rejects.toMatchObject(reason);
  await coordinator.stop();
  await expect(coordinator.start()).rejects.toMatchObject(reason);
});
