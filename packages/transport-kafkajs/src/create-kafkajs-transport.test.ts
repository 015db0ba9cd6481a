import type { Producer } from '@troupe/core';
import { expect, test, vi } from 'vitest';
import { createKafkajsTransport } from './create-kafkajs-transport.ts';
import { CoalescingProducer } from './sending/coalescing-producer.ts';

test('a transport keeps its producers until they are closed', async () => {
  const transport = createKafkajsTransport({ brokers: ['b:1'], clientId: 'c' });
  const [open, closed] = [transport.createProducer(), transport.createProducer()];
  const drops = [dropsOf(open), dropsOf(closed)];
  await closed.close();
  await transport.close();
  expect(drops.map((drop) => drop.mock.calls.length)).toEqual([1, 0]);
});

function dropsOf(producer: Producer) {
  if (!(producer instanceof CoalescingProducer)) throw new Error('another kind of producer');
  return vi.spyOn(producer, 'drop');
}
