import type { Transport } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
