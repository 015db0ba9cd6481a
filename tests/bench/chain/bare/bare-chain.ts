import { createTopics, deleteTopics } from '../bench-topics.ts';
import { type ChainSide, hopCount, type SideOptions } from '../chain-side.ts';
import { kafkaClient } from '../kafka-client.ts';
import { readLastEvents } from '../last-event-reader.ts';
import { BareHop, hopsOf } from './bare-hop.ts';
import { startHeaders } from './event-headers.ts';

/** As many bytes as the Avro payload of the other side's events. */
const payloadBytes = 43;
const connectTimeoutMs = 10_000;

/**
 * The fair minimum: the chain written by hand on kafkajs. Each hop is a service with its own client and group;
 * batching and guarantees are those of Troupe's driver (one request in flight, acks=all, idempotent, at least once,
 * offsets committed in the background), and the events have the same headers and sizes. No codec, no checks, no retries
 * of a handler, no coordinator.
 */
export async function startBareChain(options: SideOptions): Promise<ChainSide> {
  const { brokers, runName, partitions, bare, onFault, onLastEvent } = options;
  if (bare.codec === 'troupe') await useTroupesCodec(brokers);
  const topics = Array.from({ length: hopCount + 1 }, (_, index) => `${runName}.${index}`);
  const last = topics[hopCount] ?? '';
  const observerKafka = kafkaClient(brokers, `${runName}.observer`);
  await createTopics(observerKafka, topics, partitions);
  const isNamed = bare.records === 'events';
  const hops = topics.slice(1).map((to, index) => {
    const groupId = `${runName}.hop-${index + 1}`;
    const kafka = kafkaClient(brokers, groupId);
    const event = isNamed
      ? { source: groupId, type: `bench.Hop${index + 1}Made`, step: to }
      : undefined;
    return new BareHop({ kafka, groupId, from: topics[index] ?? '', to, event, onFault });
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
    begin: (chainId) => {
      const event = { key: chainId, value: Buffer.alloc(payloadBytes) };
      const name = { source: runName, type: 'bench.ChainBegun' };
      return firstHop.begin(isNamed ? { ...event, headers: startHeaders(chainId, name) } : event);
    },
    audit: async () => ({ notes: [], faults: [] }),
    stop: async () => {
      await Promise.all([observer.disconnect(), ...hops.map((hop) => hop.stop())]);
      await deleteTopics(observerKafka, topics);
    },
  };
}

/** The codec is put in place when Troupe's transport first connects. */
async function useTroupesCodec(brokers: readonly string[]): Promise<void> {
  const { createKafkajsTransport } = await import('@troupe/transport-kafkajs');
  const transport = createKafkajsTransport({ brokers, clientId: 'codec' });
  await transport.check(AbortSignal.timeout(connectTimeoutMs));
  await transport.close();
}
