import { createMemoryTransport } from '@troupe/core/memory';
import { expect, it } from 'vitest';
import { portWith } from './port-with.ts';

class Counter {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(by: number): void {
    this.#count += by;
  }

  addTwice(by: number): void {
    this.add(by);
    this.add(by);
  }
}

it('has the members that were given, and for all else the real ones, with what they keep', () => {
  const real = new Counter();
  const port = portWith(real, { add: () => undefined });
  port.add(1);
  expect(port.count).toBe(0);
  // Nothing of the real one is changed: it does not come to the other members by itself.
  port.addTwice(1);
  expect([port.count, real.count]).toEqual([2, 2]);
});

it('is as good as the real one when nothing is replaced', async () => {
  const transport = portWith(createMemoryTransport(), {});
  await transport.topics.create([{ topic: 't', partitions: 3, cleanup: 'delete' }]);
  expect(await transport.topics.partitionCounts(['t'])).toEqual(new Map([['t', 3]]));
  await transport.close();
});
