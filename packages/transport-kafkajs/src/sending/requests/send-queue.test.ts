import { recordBytes } from '@troupe/core/internal';
import { describe, expect, it } from 'vitest';
import { BatchLimits } from '../../topics/batch-limits.ts';
import { checkedSize } from '../check-records.ts';
import { PendingSend, SendQueue } from './send-queue.ts';

const record = (key: string, bytes = 10, topic = 't') => ({
  topic,
  key,
  value: Buffer.alloc(bytes),
  headers: {},
});

function uncheckedSendOf(...records: ReturnType<typeof record>[]): PendingSend {
  return new PendingSend(records, checkedSize(records, Number.POSITIVE_INFINITY));
}

function sendOf(...keys: string[]): PendingSend {
  const send = uncheckedSendOf(...keys.map((key) => record(key)));
  send.isChecked = true;
  return send;
}

function keysOf(request: ReturnType<SendQueue['take']>): string {
  return request.records.map(({ key }) => key).join('');
}

const unlimited = { bufferedRecordsMax: 1_000, requestBytesMax: 1_000_000 };

describe('SendQueue', () => {
  it('what was handed over together travels together, in order', () => {
    const queue = new SendQueue(unlimited, new BatchLimits());
    for (const send of [sendOf('a', 'b'), sendOf('c')]) queue.push(send);
    expect(keysOf(queue.take())).toBe('abc');
    expect(queue.isEmpty).toBe(true);
  });

  it('splits by number, also a single send', async () => {
    const queue = new SendQueue({ ...unlimited, bufferedRecordsMax: 2 }, new BatchLimits());
    const send = sendOf('a', 'b', 'c');
    queue.push(send);
    queue.push(sendOf('d'));
    const requests = [queue.take(), queue.take()];
    expect(requests.map(keysOf)).toEqual(['ab', 'cd']);
    expect(requests[1]?.parts.map(({ count }) => count)).toEqual([1, 1]);
    const settled: string[] = [];
    void send.settled.then(() => settled.push('all'));
    send.acknowledge(2);
    await Promise.resolve();
    expect(settled).toEqual([]);
    send.acknowledge(1);
    await send.settled;
  });

  it('splits by bytes, but a record that is larger alone goes alone', () => {
    const small = recordBytes(record('a'));
    const queue = new SendQueue({ ...unlimited, requestBytesMax: small * 2 }, new BatchLimits());
    const large = uncheckedSendOf(record('L', small * 5));
    large.isChecked = true;
    for (const send of [sendOf('a', 'b', 'c'), large, sendOf('d')]) queue.push(send);
    const requests = Array.from({ length: 4 }, () => keysOf(queue.take()));
    expect(requests).toEqual(['ab', 'c', 'L', 'd']);
  });

  it('takes nothing more of a send that has failed', async () => {
    const queue = new SendQueue({ ...unlimited, bufferedRecordsMax: 2 }, new BatchLimits());
    const failing = sendOf('a', 'b', 'c');
    queue.push(failing);
    queue.push(sendOf('d'));
    queue.take();
    failing.fail(new Error('lost'));
    expect(keysOf(queue.take())).toBe('d');
    await expect(failing.settled).rejects.toThrow('lost');
  });

  it('nothing overtakes a send whose topics are not known yet', () => {
    const queue = new SendQueue(unlimited, new BatchLimits());
    const unknown = uncheckedSendOf(record('b'));
    for (const send of [sendOf('a'), unknown, sendOf('c')]) queue.push(send);
    expect(keysOf(queue.take())).toBe('a');
    expect(keysOf(queue.take())).toBe('');
    expect(queue.unchecked()).toEqual([unknown]);
    unknown.isChecked = true;
    expect(keysOf(queue.take())).toBe('bc');
  });

  it('splits what is more than one batch of its topic takes, and nothing else for its sake', () => {
    const limits = new BatchLimits();
    limits.learn('narrow', 61 + 2 * recordBytes(record('n')));
    const queue = new SendQueue(unlimited, limits);
    const narrow = (key: string, bytes?: number) => record(key, bytes, 'narrow');
    const sends = [
      uncheckedSendOf(record('a'), record('b')),
      uncheckedSendOf(narrow('n'), record('c'), narrow('o'), record('d')),
      uncheckedSendOf(record('e', 1_000)),
      uncheckedSendOf(narrow('p')),
      uncheckedSendOf(narrow('L', 1_000)),
      uncheckedSendOf(record('f')),
    ];
    for (const send of sends) {
      send.isChecked = true;
      queue.push(send);
    }
    const requests = Array.from({ length: 3 }, () => keysOf(queue.take()));
    expect(requests).toEqual(['abncode', 'p', 'Lf']);
    expect(queue.isEmpty).toBe(true);
  });
});
