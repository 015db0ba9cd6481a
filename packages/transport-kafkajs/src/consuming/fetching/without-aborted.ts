import type { FetchedMessage, FetchedPartition } from '../../client/cluster.ts';

/** A marker's key is its version and its type, both of 16 bits; type 0 is an abort. */
const abortMarkerKey = Buffer.from([0, 0, 0, 0]);

/**
 * What was fetched of a partition, with the records of aborted transactions as something that kafkajs passes over.
 *
 * The broker lists the aborted transactions, each with its producer and its first offset, in the order in which they
 * ended. kafkajs takes them for sorted, and lets one of them begin with each record: where transactions overlapped, or
 * two had begun before the place that is fetched, it hands out records that were never committed. Here all begin that
 * have to. Nothing is copied where nothing was aborted, which is the rule.
 */
export function withoutAborted(fetched: FetchedPartition): FetchedPartition {
  const { abortedTransactions, messages } = fetched;
  if (abortedTransactions === null || abortedTransactions.length === 0) return fetched;
  const ahead = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const aborting = new Set<string>();
  const kept = messages.map((message) => {
    const offset = BigInt(message.offset);
    for (let next = ahead[0]; next !== undefined && next.from <= offset; next = ahead[0]) {
      aborting.add(next.producerId);
      ahead.shift();
    }
    const { producerId, inTransaction } = message.batchContext;
    if (message.isControlRecord) {
      if (message.key?.equals(abortMarkerKey) === true) aborting.delete(producerId);
      return message;
    }
    return inTransaction && aborting.has(producerId) ? asMarker(message) : message;
  });
  return { ...fetched, abortedTransactions: null, messages: kept };
}

/** kafkajs hands out none of these, and goes on behind them. */
function asMarker(message: FetchedMessage): FetchedMessage {
  return { ...message, key: null, isControlRecord: true };
}
