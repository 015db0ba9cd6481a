import { TransportError } from '@troupe/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOf } from '../client/kafka-client.ts';
import { kafkajsLimits } from '../kafkajs-limits.ts';
import { BatchLimits } from './batch-limits.ts';
import { KafkajsTopicAdmin } from './kafkajs-topic-admin.ts';

const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c' });
const counts = new Map([['t', 4]]);
const cut = () => Promise.reject(new Error('the connections of this client were cut'));

/** Over one connection, which whoever fails discards under all others. */
class FakeDirectory {
  readonly batchLimits = new BatchLimits();
  discarded = 0;
  asked = 0;
  answer: () => Promise<typeof counts> = async () => counts;
  /** `max.message.bytes` of `t`, where the broker says it. */
  said: number | undefined;

  discard(): void {
    this.discarded += 1;
  }

  async partitionCounts(): Promise<typeof counts> {
    this.asked += 1;
    if (this.said !== undefined && !this.batchLimits.isKnown('t')) {
      this.batchLimits.learn('t', this.said);
    }
    return this.answer();
  }

  async offsets(): Promise<Map<string, bigint>> {
    throw new Error('nobody asks for offsets here');
  }
}

describe('KafkajsTopicAdmin', () => {
  let directory: FakeDirectory;
  let isOpen: boolean;
  let admin: KafkajsTopicAdmin;

  beforeEach(() => {
    directory = new FakeDirectory();
    isOpen = true;
    admin = new KafkajsTopicAdmin(surroundings, directory, () => {
      if (!isOpen) throw new TransportError('stopped', 'closed');
    });
  });

  it('a question whose connection another one has discarded is asked again, and discards nothing', async () => {
    directory.answer = async () => {
      directory.answer = async () => counts;
      directory.discarded += 1;
      return cut();
    };
    expect(await admin.partitionCounts(['t'])).toBe(counts);
    expect(directory).toMatchObject({ asked: 2, discarded: 1 });
  });

  it('one that fails by itself fails, and the next one has another connection', async () => {
    directory.answer = cut;
    await expect(admin.partitionCounts(['t'])).rejects.toMatchObject({
      code: 'transport-unavailable',
    });
    expect(directory).toMatchObject({ asked: 1, discarded: 1 });
  });

  it('is not asked again for ever, whatever others do', async () => {
    directory.answer = async () => {
      directory.discarded += 1;
      return cut();
    };
    await expect(admin.partitionCounts(['t'])).rejects.toMatchObject({ retryable: true });
    expect(directory.asked).toBe(3);
  });

  it('is told that the transport was closed meanwhile, not what became of its connection', async () => {
    directory.answer = async () => {
      isOpen = false;
      return cut();
    };
    await expect(admin.partitionCounts(['t'])).rejects.toMatchObject({ code: 'stopped' });
  });

  it('a topic takes what the client does, or less where its broker says so, at each question anew', async () => {
    const taken = async () => (await admin.recordBytesMax(['t'])).get('t');
    const { recordBytesMax } = kafkajsLimits;
    expect(await taken()).toBe(recordBytesMax);
    directory.said = 20_061;
    expect(await taken()).toBe(20_000);
    directory.said = 2_000_000;
    expect(await taken()).toBe(recordBytesMax);
    directory.said = undefined;
    directory.batchLimits.refused('t', 10_000);
    expect(await taken()).toBe(recordBytesMax);
  });
});
