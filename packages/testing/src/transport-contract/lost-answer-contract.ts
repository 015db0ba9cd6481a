import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

/** I5: what happens when something was done, and nobody heard that it was. */
export function lostAnswerContract(world: () => ContractWorld): void {
  const failure = { code: 'transport-unavailable', retryable: true };

  describe('an answer is lost', () => {
    it('to a send: it is rejected, and what is acknowledged afterwards is neither missing nor doubled', async () => {
      const [deaf, reader] = [world().open(), world().open()];
      const [topic] = await world().topics(reader, 1, 1);
      const producer = deaf.createProducer();
      await producer.send([record(topic, 'k', 'before-')]);
      const hear = world().fixture.loseAnswers(deaf, 'sends');
      expect(await failureOf(producer.send([record(topic, 'k', 'unheard')]))).toMatchObject(
        failure,
      );
      hear();
      // Of equal size: under the old producer id a broker takes the first of them for the one before.
      const after = ['again-0', 'again-1', 'again-2'];
      for (const value of after) await producer.send([record(topic, 'k', value)]);
      const member = await world().join(reader, { groupId: world().name('g'), topics: [topic] });
      await eventually('the last', () => valuesOf(member.received).includes('again-2'));
      expect(valuesOf(member.received)).toEqual(['before-', 'unheard', ...after]);
    });

    it('to a send among many: those that waited are sent, in order', async () => {
      const [deaf, reader] = [world().open({ bufferedRecordsMax: 2 }), world().open()];
      const [topic] = await world().topics(reader, 1, 1);
      const producer = deaf.createProducer();
      await producer.send([record(topic, 'k', 'first')]);
      const hear = world().fixture.loseAnswers(deaf, 'sends');
      const sends = recordsOf(topic, 10).map((one) => producer.send([one]));
      expect(await failureOf(Promise.all(sends))).toMatchObject(failure);
      hear();
      const outcomes = await Promise.allSettled(sends);
      await producer.send([record(topic, 'k', 'last')]);
      const member = await world().join(reader, { groupId: world().name('g'), topics: [topic] });
      await eventually('the last', () => valuesOf(member.received).includes('last'));
      const acknowledged = outcomes.flatMap(({ status }, at) =>
        status === 'fulfilled' ? [`${at}`] : [],
      );
      const read = valuesOf(member.received).filter((value) => acknowledged.includes(`${value}`));
      expect(read).toEqual(acknowledged);
    });

    it('to a commit: the producer is dead, and the transaction is seen whole or not at all', async () => {
      const [deaf, heir] = [world().open(), world().open()];
      const [topic] = await world().topics(heir, 2, 1);
      const id = world().name('t');
      const producer = await deaf.openTransactionalProducer(id);
      await producer.commit([record(topic, 'k', 'before', 0)]);
      const hear = world().fixture.loseAnswers(deaf, 'commits');
      const unheard = [...recordsOf(topic, 50, 'u-', 0), ...recordsOf(topic, 50, 'u-', 1)];
      const first = await failureOf(producer.commit(unheard));
      expect(first).toMatchObject(failure);
      hear();
      expect(await failureOf(producer.commit([record(topic, 'k', 'never')]))).toBe(first);
      const next = await heir.openTransactionalProducer(id);
      await next.commit([record(topic, 'k', 'after', 0)]);
      const member = await world().join(heir, { groupId: world().name('g'), topics: [topic] });
      for (const partition of [0, 1]) {
        const ends = await heir.topics.endOffsets([topic], partition, 'read-uncommitted');
        await eventually('the end', () => {
          return member.claim(partition).position(topic) === ends.get(topic);
        });
      }
      const values = valuesOf(member.received);
      expect(values).toEqual(expect.arrayContaining(['before', 'after']));
      expect(values).not.toContain('never');
      expect([2, 102]).toContain(values.length);
    });
  });
}
