import { headerNames, partitionOf } from '@troupe/core/internal';
import { expect } from 'vitest';
import { StockReserved } from '../stage/order-saga.ts';
import { Held } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';
import type { Stage } from '../stage/stage.ts';

/** A saga that nothing is wrong with, begun beside one that is. */
async function aNormalOneCompletes(stage: Stage): Promise<void> {
  const normal = stage.order();
  await normal.begin();
  await normal.stands('completed');
}

export function records(stage: OnStage): void {
  scenarios('an event that a foreign partitioner put on the wrong partition', stage, {
    'is forwarded on troupe.outcomes, and counts for its saga': async (stage) => {
      const reserving = new Held();
      const order = stage.order({ script: { reserve: reserving.play } });
      await order.begin();
      await reserving.begun;
      const rightful = partitionOf(Buffer.from(order.id), stage.partitions);
      const wrong = (rightful + 1) % stage.partitions;
      const id = order.successIdOf('reserve');
      const reserved = new StockReserved({ orderId: order.id, shelf: 'A7' });
      await order.hear(reserved, { id, partition: wrong });
      await order.stands('completed');
      const forwarded = stage.log.of('troupe.outcomes', order.id);
      expect(
        forwarded.map(({ partition, headers }) => [partition, headers[headerNames.id]]),
      ).toEqual([[rightful, id]]);
      reserving.release();
      await order.sees(() => expect(order.eventsOf(StockReserved)).toHaveLength(2));
      expect(order.progress?.deviations).toBe(0);
    },
  });

  scenarios('an undecodable start', stage, {
    'is a dead letter of each step that it triggers, whose saga is told and undone': async (
      stage,
    ) => {
      const order = stage.order();
      await order.hear(order.start, { value: Buffer.from('garbage') });
      await order.stands('compensated');
      expect(order.deadLetters).toEqual(['stock poison-message', 'till poison-message']);
      // StepFailed is published for a dead-lettered trigger of a saga's step: nothing happened, so without doubt.
      expect(order.life).toEqual(expect.arrayContaining(['reserve failed', 'charge failed']));
      expect(order.effects).toEqual([]);
      await aNormalOneCompletes(stage);
    },

    'that names no saga begins one all the same; each step that is asked for with it fails': async (
      stage,
    ) => {
      const guest = stage.guest();
      await guest.hear(guest.start, { saga: null, value: Buffer.from('garbage') });
      await guest.stands('compensated');
      expect(guest.life).toEqual(expect.arrayContaining(['seat failed', 'bake failed']));
      await guest.sees(() => {
        const { deadLetterTopic, deadLetterCode, step } = headerNames;
        const letters = stage.log
          .of('house.dead-letter', guest.id)
          .map(({ headers }) => [headers[step], headers[deadLetterTopic], headers[deadLetterCode]]);
        expect(letters.sort()).toEqual([
          ['bake', 'troupe.requests', 'poison-message'],
          ['seat', 'troupe.requests', 'poison-message'],
        ]);
      });
    },
  });

  scenarios('an outcome that is larger than a record may be', stage, {
    'is refused before the local commit: its step failed, and left nothing behind': async (
      stage,
    ) => {
      const order = stage.order({ note: 'x'.repeat(600_000) });
      await order.begin();
      await order.stands('compensated');
      expect(order.life.filter((text) => text.startsWith('reserve failed'))).toHaveLength(1);
      expect(order.callsOf('reserve')).not.toEqual([]);
      expect(order.effects).not.toContain('reserve');
    },
  });

  scenarios('an oversized saga', stage, {
    'is stuck, alone, and says which request could not be made': async (stage) => {
      const order = stage.order({ note: 'x'.repeat(400_000) });
      await order.begin();
      await order.stands('stuck: too-large ship');
      expect(order.requests).toEqual([]);
      await aNormalOneCompletes(stage);
      expect(stage.coordinator.health().ready).toBe(true);
    },
  });
}
