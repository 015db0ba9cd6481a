import type { Claim, Isolation, Transport } from '@troupe/core';
import { vi } from 'vitest';
import { type SeenRecord, seenRecord } from '../installations/followed-log.ts';

let readers = 0;

/** All that is in a topic now, from its beginning, by a group of its own. */
export async function readTopic(
  transport: Transport,
  topic: string,
  isolation: Isolation = 'read-committed',
): Promise<readonly SeenRecord[]> {
  const records: SeenRecord[] = [];
  const claims: Claim[] = [];
  const partitions = (await transport.topics.partitionCounts([topic])).get(topic) ?? 0;
  const ends: bigint[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const found = await transport.topics.endOffsets([topic], partition, isolation);
    ends.push(found.get(topic) ?? 0n);
  }
  readers += 1;
  const consumer = await transport.subscribe({
    groupId: `reader-${readers}`,
    topics: [topic],
    broadcast: [],
    isolation,
    sessionTimeoutMs: 30_000,
    onAssigned: (claim) => {
      claims.push(claim);
      return {
        onRecords: (more) => {
          records.push(...more.map(seenRecord));
        },
        onRevoked: async () => undefined,
      };
    },
    onBroadcast: () => undefined,
    onCrash: (error) => {
      throw error;
    },
  });
  const isRead = () =>
    claims.length === partitions &&
    claims.every((claim) => claim.position(topic) >= (ends[claim.partition] ?? 0n));
  await vi.waitUntil(isRead, { timeout: 60_000, interval: 10 });
  await consumer.close();
  return records;
}
