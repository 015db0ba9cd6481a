import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Broker, Cluster, FetchedTopic, FetchRequest } from '../../client/cluster.ts';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { FetchGate } from './fetch-gate.ts';

const limits = { fetchWaitMs: 100, fetchWaitWhilePausedMs: 5, resumeExpectedMs: 1_000 };
const unused = async () => {
  throw new Error('a gate does not ask this');
};

describe('FetchGate', () => {
  let clock: ManualClock;
  let asked: FetchRequest[];
  let answer: () => Promise<{ readonly responses: readonly FetchedTopic[] }>;
  let paused: Set<string>;
  let reported: string[];
  let gatherMs: number;
  let gate: FetchGate;
  let broker: Broker;

  beforeEach(async () => {
    clock = new ManualClock();
    asked = [];
    answer = async () => ({ responses: [] });
    paused = new Set();
    reported = [];
    gatherMs = 0;
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock, limits });
    gate = new FetchGate(surroundings, () => gatherMs, {
      isWanted: (topic) => !paused.has(topic),
      onOutOfRange: (topic, partition, offset) => reported.push(`${topic}/${partition}@${offset}`),
    });
    const cluster: Cluster = {
      connect: unused,
      disconnect: unused,
      metadata: unused,
      findGroupCoordinator: unused,
      refreshMetadataIfNecessary: unused,
      findBroker: async () => {
        const only: Pick<Broker, 'fetch'> = {
          fetch: async (request) => {
            asked.push(request);
            return answer();
          },
        };
        return only as Broker;
      },
    };
    gate.watch(cluster);
    broker = await cluster.findBroker({ nodeId: '1' });
  });

  function fetch(...topics: string[]) {
    const partitions = [{ partition: 0, fetchOffset: '7' }];
    return broker.fetch({
      maxWaitTime: 100,
      topics: topics.map((topic) => ({ topic, partitions })),
    });
  }

  const askedTopics = () => asked.map(({ topics }) => topics.map(({ topic }) => topic).join());

  it('leaves out what is paused, and waits no longer than a resume may', async () => {
    paused.add('b');
    await fetch('a', 'b');
    gate.expectResume();
    await fetch('a', 'b');
    clock.advance(limits.resumeExpectedMs);
    await fetch('a', 'b');
    expect(askedTopics()).toEqual(['a', 'a', 'a']);
    expect(asked.map(({ maxWaitTime }) => maxWaitTime)).toEqual([100, 5, 100]);
  });

  it('nothing comes of what is not wanted any more when the broker answers', async () => {
    const partition = { partition: 0, abortedTransactions: null, messages: [] };
    answer = async () => {
      paused.add('b');
      return { responses: ['a', 'b'].map((topicName) => ({ topicName, partitions: [partition] })) };
    };
    const { responses } = await fetch('a', 'b');
    expect(responses.map(({ topicName, partitions }) => [topicName, partitions.length])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });

  it('asks nothing while all is paused, until it is woken', async () => {
    paused.add('a');
    const waiting = fetch('a');
    gate.wake();
    expect(await waiting).toEqual({ responses: [] });
    expect(asked).toEqual([]);
  });

  it('leaves out what is being gathered, for as long as that takes', async () => {
    gatherMs = 40;
    gate.delivered('a', 1);
    await fetch('a', 'b');
    clock.advance(gatherMs);
    await fetch('a', 'b');
    expect(askedTopics()).toEqual(['b', 'a,b']);
    expect(asked.map(({ maxWaitTime }) => maxWaitTime)).toEqual([gatherMs, 100]);
  });

  it('tells of an offset that is out of range, and kafkajs hears of nothing', async () => {
    const place = { name: 'KafkaJSOffsetOutOfRange', topic: 'a', partition: 0 };
    answer = () => Promise.reject(Object.assign(new Error('out of range'), place));
    expect(await fetch('a')).toEqual({ responses: [] });
    expect(reported).toEqual(['a/0@7']);
  });

  it('any other failure is for kafkajs', async () => {
    answer = () => Promise.reject(new Error('closed'));
    await expect(fetch('a')).rejects.toThrow('closed');
  });
});
