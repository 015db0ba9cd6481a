import { partitionOf } from '@troupe/core/internal';
import { expect } from 'vitest';
import { ShippingRefused } from '../stage/order-saga.ts';
import { breaks } from '../stage/plays.ts';
import { type OnStage, scenarios, scenariosAlone } from '../stage/scenario.ts';

export function visibility(stage: OnStage): void {
  scenarios('never silently: a saga is stuck, and says why', stage, {
    'payload-missing: a step cannot be undone, for its input is larger than any request may be':
      async (stage) => {
        const saga = stage.order({ note: 'x'.repeat(950_000) });
        await saga.begin();
        await saga.stands('stuck: payload-missing charge');
      },
  });

  scenariosAlone('never silently: the health counts the sagas that are stuck', stage, {
    'one more when one gets stuck, one less when it goes on, which is logged': async (stage) => {
      const order = stage.order({ script: { ship: breaks } });
      const partition = partitionOf(order.id, stage.partitions);
      const stuckNow = () =>
        stage.coordinator.health().shards.find((shard) => shard.partition === partition)?.stuck;
      const before = stuckNow();
      await order.begin();
      await order.stands('stuck: pivot-in-doubt ship');
      expect(stuckNow()).toBe((before ?? Number.NaN) + 1);
      await order.hear(new ShippingRefused({ orderId: order.id }));
      await order.stands('compensated');
      expect(stuckNow()).toBe(before);
      await order.sees(() => {
        expect(stage.linesOf(order.id)).toContainEqual(
          expect.objectContaining({ level: 'info', message: 'a saga that was stuck goes on' }),
        );
      });
    },
  });
}
