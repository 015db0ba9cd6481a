import type { Transport } from '@troupe/core';
import { internalTopics, partitionOf } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip, TripBooked } from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

const barrier = (partition: number) => ({
  topic: internalTopics.state,
  partition,
  key: 'barrier',
  value: Buffer.from('somebody'),
  headers: {},
});
const last = () => troupe.partitions - 1;
const stateOf = (partition: number) =>
  troupe.records.filter((one) => one.topic === internalTopics.state && one.partition === partition);

/** As it was before the topics grew. */
const had = (count: number) => (transport: Transport) =>
  portWith(transport, {
    topics: portWith(transport.topics, {
      partitionCounts: async (topics) => {
        const counts = await transport.topics.partitionCounts(topics);
        return new Map([...counts].map(([topic, now]) => [topic, Math.min(now, count)]));
      },
    }),
  });

/** As `had(2)`, until they grow: then the group gives out the last partition too. */
function growing() {
  let grow: () => void = () => undefined;
  const idle = { onRecords: () => undefined, onRevoked: async () => undefined };
  const around = (transport: Transport) =>
    portWith(had(2)(transport), {
      subscribe: (subscription) =>
        transport.subscribe({
          ...subscription,
          onAssigned: (claim) => {
            if (claim.partition < last()) return subscription.onAssigned(claim);
            grow = () => subscription.onAssigned(claim);
            return idle;
          },
        }),
    });
  return { around, grow: () => grow() };
}

/** Is told of each look at where `troupe.state` ends, before it. */
const onLook =
  (look: (partition: number, at: number) => Promise<void>) => (transport: Transport) => {
    let looks = 0;
    return portWith(transport, {
      topics: portWith(transport.topics, {
        endOffsets: async (topics, partition, isolation) => {
          if (topics.join() === internalTopics.state) {
            looks += 1;
            await look(partition, looks);
          }
          return transport.topics.endOffsets(topics, partition, isolation);
        },
      }),
    });
  };

describe('an installation whose topics have grown', () => {
  const mismatch = {
    code: 'partition-count-mismatch',
    message: expect.stringMatching(/begun with 2 partitions, and troupe\.state has at least 3 now/),
  };

  test('has no coordinator that starts, and it says with how many partitions it was begun (I9)', async () => {
    await troupe.send(barrier(0), barrier(1));
    const { coordinator } = troupe.makeCoordinator();
    await expect(coordinator.start()).rejects.toMatchObject(mismatch);
    expect(coordinator.health().ready).toBe(false);
    expect(stateOf(last())).toEqual([]);
  });

  test('goes on when somebody says by a record in the last partition that no saga runs', async () => {
    await troupe.send(barrier(0), barrier(1), barrier(2));
    const { coordinator } = await troupe.startCoordinator();
    await vi.waitFor(() => expect(coordinator.health().ready).toBe(true), 5_000);
  });

  test('while a coordinator joins, has none that starts', async () => {
    const { coordinator } = troupe.makeCoordinator({ around: had(2) });
    await expect(coordinator.start()).rejects.toMatchObject(mismatch);
    expect(stateOf(last())).toEqual([]);
  });

  test('has no coordinator that goes on, and no new partition is touched', async () => {
    const { around, grow } = growing();
    const { coordinator } = await troupe.startCoordinator({ around });
    await vi.waitFor(
      () => expect(coordinator.health()).toMatchObject({ live: true, ready: true }),
      5_000,
    );
    grow();
    expect(coordinator.health()).toMatchObject({
      live: false,
      ready: false,
      problems: [{ code: 'crashed', message: mismatch.message }],
    });
    await vi.waitFor(() => expect(coordinator.health().shards).toEqual([]), 5_000);
    expect(stateOf(last())).toEqual([]);
    const again = troupe.makeCoordinator();
    await expect(again.coordinator.start()).rejects.toMatchObject(mismatch);
  });
});

describe('an installation that is begun', () => {
  test('has a record in its last partition before there is one in any other', async () => {
    await troupe.startCoordinator();
    await vi.waitFor(() => expect(stateOf(0)).not.toEqual([]), 5_000);
    const places = troupe.records.filter(({ topic }) => topic === internalTopics.state);
    expect(places[0]?.partition).toBe(last());
  });

  test('may be begun by several coordinators at once', async () => {
    const coordinators = await Promise.all([1, 2, 3].map(() => troupe.startCoordinator()));
    await vi.waitFor(() => {
      for (const { coordinator } of coordinators) expect(coordinator.health().ready).toBe(true);
    }, 5_000);
  });

  test('by another one between two looks, is not taken for one that has grown', async () => {
    const around = onLook(async (partition, at) => {
      if (at === 2) await troupe.send(barrier(last()), barrier(partition));
    });
    const { coordinator } = await troupe.startCoordinator({ around });
    expect(coordinator.health().live).toBe(true);
  });

  test('and whose first coordinator was killed at once, starts again', async () => {
    await troupe.send(barrier(last()));
    const { coordinator } = await troupe.startCoordinator();
    const id = 'begun';
    expect(partitionOf(id, troupe.partitions)).not.toBe(last());
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    await vi.waitFor(() => expect(coordinator.saga('book-trip', id)).toBeDefined(), 5_000);
  });
});
