import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';
import type { TransportFeatures } from './transport-fixture.ts';

export function outageContract(world: () => ContractWorld, features: TransportFeatures): void {
  describe('a broker that does not answer', () => {
    it('check resolves when a broker answers', async () => {
      await world().open().check(AbortSignal.timeout(10_000));
    });

    it.skipIf(!features.addresses)('is named by its address, in time', async () => {
      const address = '127.0.0.1:1';
      const transport = world().adopt(world().fixture.openAt(address));
      const failures = [
        transport.check(AbortSignal.timeout(30_000)),
        transport.createProducer().send([record('t', 'k')]),
        transport.openTransactionalProducer('t'),
        transport.topics.partitionCounts(['t']),
        world().join(transport, { groupId: 'g', topics: ['t'] }),
      ].map(failureOf);
      for (const error of await Promise.all(failures)) {
        expect(error).toMatchObject({ code: 'transport-unavailable', retryable: true });
        expect(String(error)).toContain(address);
      }
    });

    it('comes back, and who asked it for the first time while it was down is served', async () => {
      const [before, late] = [world().open(), world().open()];
      const [topic] = await world().topics(before, 1, 1);
      const producer = late.createProducer();
      const options = { groupId: world().name('g'), topics: [topic] };
      await world().fixture.takeDown();
      const refused = [producer.send([record(topic, 'k')]), world().join(late, options)];
      for (const failed of await Promise.all(refused.map(failureOf))) {
        expect(failed).toMatchObject({ code: 'transport-unavailable', retryable: true });
      }
      await world().fixture.bringUp();
      await before.check(AbortSignal.timeout(30_000));
      await eventually('a send', () => succeeds(producer.send([record(topic, 'k', 'after')])));
      await eventually('a join', () => succeeds(world().join(late, options)));
    });

    it('comes back, and what was acknowledged is there, once, and reading goes on', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [topic],
        marksDone: true,
      });
      await producer.send([record(topic, 'k', 'before')]);
      await eventually('a record', () => member.received.length === 1);
      await world().fixture.takeDown();
      const during = producer.send([record(topic, 'k', 'during')]).then(
        () => 'acknowledged',
        (error: unknown) => error,
      );
      await world().fixture.bringUp();
      const outcome = await during;
      if (outcome !== 'acknowledged') expect(outcome).toMatchObject({ retryable: true });
      await eventually('a send is acknowledged again', () =>
        succeeds(producer.send([record(topic, 'k', 'after')])),
      );
      await eventually('it is read', () => valuesOf(member.received).includes('after'));
      await eventually('the member is healthy', () => member.consumer.healthy);
      expect(member.crashes).toEqual([]);
      const values = new Set(valuesOf(member.received));
      if (outcome === 'acknowledged') expect(values).toContain('during');
    });
  });
}

async function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
