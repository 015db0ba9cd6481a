import type { Consumer, IncomingRecord, Transport } from '@troupe/core';

export interface ReadAllOptions {
  readonly groupId: string;
  /** All with one partition count. */
  readonly topics: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly onRecord: (record: IncomingRecord) => void;
  /** Default: throws it. */
  readonly onCrash?: (error: Error) => void;
}

/** Reads what is committed in topics, from their beginning, as a bystander who marks nothing as done. */
export function readAll(transport: Transport, options: ReadAllOptions): Promise<Consumer> {
  const { groupId, topics, sessionTimeoutMs = 30_000, onRecord, onCrash = raise } = options;
  return transport.subscribe({
    groupId,
    topics: [...new Set(topics)],
    broadcast: [],
    isolation: 'read-committed',
    sessionTimeoutMs,
    onAssigned: () => ({
      onRecords: (records) => {
        for (const record of records) onRecord(record);
      },
      onRevoked: async () => undefined,
    }),
    onBroadcast: () => undefined,
    onCrash,
  });
}

function raise(error: Error): never {
  throw error;
}
