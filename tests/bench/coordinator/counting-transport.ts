import type { OutgoingRecord, TransactionalProducer, Transport } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';

/** One acknowledged transaction. */
export interface Commit {
  /** Life-cycle records: one for each event that changed a saga. */
  readonly folded: number;
  readonly records: number;
  readonly atMs: number;
}

/** A transport that tells of each transaction that the broker has acknowledged. */
export function countingTransport(
  transport: Transport,
  onCommit: (commit: Commit) => void,
): Transport {
  const counting = (producer: TransactionalProducer): TransactionalProducer => ({
    commit: async (records: readonly OutgoingRecord[]) => {
      await producer.commit(records);
      let folded = 0;
      for (const { topic } of records) if (topic === internalTopics.sagas) folded += 1;
      onCommit({ folded, records: records.length, atMs: performance.now() });
    },
    close: () => producer.close(),
  });
  return portWith(transport, {
    openTransactionalProducer: async (id) =>
      counting(await transport.openTransactionalProducer(id)),
  });
}
