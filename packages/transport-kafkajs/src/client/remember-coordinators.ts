import { type Clock, systemClock } from '@troupe/core';
import type { Broker, Cluster } from './cluster.ts';
import { kafkajsModule, patchOnce } from './kafkajs-modules.ts';

const clusterModule = 'kafkajs/src/cluster/index.js';
/** In Kafka's protocol: the coordinator of a transactional id, not of a group. */
const transactionType = 1;
/** After a coordinator has moved, requests to the old one are refused; kafkajs tries again for longer than this. */
const rememberedMs = 1_000;

interface Asked {
  readonly groupId: string;
  readonly coordinatorType?: number;
}

interface Remembered {
  readonly groupId: string;
  readonly broker: Broker;
  readonly untilMs: number;
}

/**
 * Has kafkajs remember for a second which broker coordinates a transactional id: it asks before each step of a
 * transaction, which is two of its five requests. Idempotent.
 */
export function rememberCoordinators(clock: Clock = systemClock): void {
  patchOnce('remember coordinators', () => {
    const { prototype } = kafkajsModule<{
      prototype: Pick<Cluster, 'findGroupCoordinator'>;
    }>(clusterModule);
    prototype.findGroupCoordinator = findRemembered(prototype.findGroupCoordinator, clock);
  });
}

function findRemembered(find: Cluster['findGroupCoordinator'], clock: Clock) {
  const remembered = new WeakMap<object, Remembered>();
  return async function findOncePerSecond(this: Cluster, asked: Asked) {
    if (asked.coordinatorType !== transactionType) return find.call(this, asked);
    const known = remembered.get(this);
    const nowMs = clock.monotonicMs();
    if (known?.groupId === asked.groupId && nowMs < known.untilMs && known.broker.isConnected()) {
      return known.broker;
    }
    const broker = await find.call(this, asked);
    remembered.set(this, { groupId: asked.groupId, broker, untilMs: nowMs + rememberedMs });
    return broker;
  };
}
