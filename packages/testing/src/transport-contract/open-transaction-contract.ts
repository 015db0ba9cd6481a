import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

/** The least that a broker takes. */
const shortTimeoutMs = 1_000;

export function openTransactionContract(world: () => ContractWorld): void {
  describe('a transaction that is open', () => {
    it('holds back what comes after it until its time is over, though nobody opens its id', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'open-'), shortTimeoutMs);
      await transport.createProducer().send([record(topic, 'k', 'plain')]);
      const end = async (isolation: 'read-committed' | 'read-uncommitted') =>
        (await transport.topics.endOffsets([topic], 0, isolation)).get(topic);
      expect(await end('read-uncommitted')).toBe(3n);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('the plain record', () => member.received.length > 0);
      expect(valuesOf(member.received)).toEqual(['plain']);
      expect(await end('read-committed')).toBe(4n);
    });

    it('when the broker starts again is still open, and aborted by who opens its id', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'lost-'));
      await world().fixture.takeDown();
      await world().fixture.bringUp();
      await eventually('the id is opened', async () => {
        const opened = transport.openTransactionalProducer(id);
        return opened.then(
          async (producer) => {
            await producer.commit([record(topic, 'k', 'kept')]);
            return true;
          },
          () => false,
        );
      });
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('the end', () => member.claim(0).position(topic) === 5n);
      expect(valuesOf(member.received)).toEqual(['kept']);
    });

    it('when the broker goes down in the middle of a commit is seen whole or not at all', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      const producer = await transport.openTransactionalProducer(id);
      await producer.commit([record(topic, 'k', 'before')]);
      const commit = producer.commit(recordsOf(topic, 100, 'amid-')).then(
        () => 'acknowledged' as const,
        (error: unknown) => error,
      );
      await world().fixture.takeDown();
      await world().fixture.bringUp();
      const outcome = await commit;
      if (outcome !== 'acknowledged') {
        expect(await failureOf(producer.commit([record(topic, 'k', 'never')]))).toBe(outcome);
      }
      await eventually('another holder commits', async () => {
        const heir = transport.openTransactionalProducer(id);
        return heir.then(
          async (next) => {
            await next.commit([record(topic, 'k', 'after')]);
            return true;
          },
          () => false,
        );
      });
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('the last', () => valuesOf(member.received).includes('after'));
      const values = valuesOf(member.received);
      expect(values).not.toContain('never');
      const whole = outcome === 'acknowledged' ? [102] : [2, 102];
      expect(whole).toContain(values.length);
    });
  });
}
