import { createTopics, deleteTopics } from '../bench-topics.ts';
import { type ChainSide, hopCount, type SideOptions } from '../chain-side.ts';
import { kafkaClient } from '../kafka-client.ts';
import { readLastEvents } from '../last-event-reader.ts';
import { BareHop, hopsOf } from './bare-hop.ts';

/** As many bytes as the Avro payload of the other side's events. */
const payloadBytes = 43;

/**
 * The fair minimum: the chain written by hand on kafkajs. Each hop is a service with its own client and group;
 * batching and guarantees are those of Troupe's driver (one request in flight, acks=all, idempotent, at least once,
 * offsets committed in the background); no codec, no headers, no retries of a handler, no coordinator.
 */
export async function startBareChain(options: SideOptions): Promise<ChainSide> {
  const { brokers, runName, partitions, onFault, onLastEvent } = options;
  const topics = Array.from({ length: hopCount + 1 }, (_, index) => `${runName}.${index}`);
  const last = topics[hopCount] ?? '';
  const observerKafka = kafkaClient(brokers, `${runName}.observer`);
  await createTopics(observerKafka, topics, partitions);
  const hops = topics.slice(1).map((to, index) => {
    const groupId = `${runName}.hop-${index + 1}`;
    const kafka = kafkaClient(brokers, groupId);
    return new BareHop({ kafka, groupId, from: topics[index] ?? '', to, onFault });
  });
  const [firstHop] = hops;
  if (firstHop === undefined) throw new RangeError('A chain has hops.');
  await Promise.all(hops.map((hop) => hop.start()));
  const observer = await readLastEvents({
    kafka: observerKafka,
    groupId: `${runName}.observer`,
    topic: last,
    onLastEvent: ({ key, value }) => onLastEvent(key.toString(), hopsOf(value)),
    onFault,
  });
  return {
    begin: (chainId) => firstHop.begin({ key: chainId, value: Buffer.alloc(payloadBytes) }),
    audit: async () => ({ notes: [], faults: [] }),
    stop: async () => {
      await Promise.all([observer.disconnect(), ...hops.map((hop) => hop.stop())]);
      await deleteTopics(observerKafka, topics);
    },
  };
}
