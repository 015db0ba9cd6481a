import {
  type Checkpoint,
  type CheckpointHook,
  type Coordinator,
  type GivenCoordinatorLimits,
  type Wait,
  waits,
} from '@troupe/coordinator';
import { type Claim, RetryableError, type Serde, type Transport } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import type { ObservedInstallation } from './observed-installation.ts';

/** What has to happen to a coordinator so that it comes to wait for something. */
type Fate = 'folds' | 'meets-a-riddle' | 'lets-time-pass' | 'is-fenced' | 'is-stopped';

const fates: Readonly<Record<Wait, Fate>> = {
  definitions: 'folds',
  producer: 'folds',
  barrier: 'folds',
  'state-start': 'folds',
  state: 'folds',
  'input-bounds': 'folds',
  record: 'meets-a-riddle',
  'record-definition': 'meets-a-riddle',
  'record-schema': 'meets-a-riddle',
  'record-retry': 'meets-a-riddle',
  commit: 'folds',
  'state-end': 'lets-time-pass',
  'broker-time': 'lets-time-pass',
  'input-ends': 'lets-time-pass',
  deliveries: 'lets-time-pass',
  'last-commit': 'is-stopped',
  drain: 'is-stopped',
  closing: 'is-stopped',
  rebuild: 'is-fenced',
  end: 'is-stopped',
};

export interface Kill {
  readonly at: Checkpoint;
  /** The first time that it comes by, or a later one. */
  readonly passage: number;
  /** It dies so many turns of the event loop after that. */
  readonly turns?: number;
}

/** A coordinator that will be killed. */
export interface Victim {
  readonly coordinator: Coordinator;
  readonly isAlive: boolean;
}

/** Starts a coordinator that is killed as `kill` says, as soon as enough happens in the installation. */
export function startVictim(
  troupe: ObservedInstallation,
  { at, passage, turns = 0 }: Kill,
  limits: GivenCoordinatorLimits,
): Victim {
  const fate = fates[waitOf(at)];
  const draining = Promise.withResolvers<void>();
  let passages = 0;
  let isDead = false;
  let isMeddledWith = false;
  const checkpoint: CheckpointHook = async (reached) => {
    // A killed process goes no further.
    if (isDead) await forever();
    if (reached === 'amid drain') draining.resolve();
    if (reached === 'after commit' && !isMeddledWith) {
      isMeddledWith = true;
      if (fate === 'is-fenced') await troupe.fence();
      if (fate === 'is-stopped') {
        // It is told that it is committed when it is stopping already.
        void victim.coordinator.stop();
        await draining.promise;
      }
    }
    if (reached !== at || ++passages !== passage) return;
    // Not while it is still being told of its partitions.
    await Promise.resolve();
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    isDead = true;
    victim.kill();
    await forever();
  };
  const victim = troupe.makeCoordinator({
    checkpoint,
    limits: fate === 'lets-time-pass' ? { ...limits, ...timeAtOnce } : limits,
    ...(fate === 'meets-a-riddle' ? { serde: forgetful(troupe.serde) } : {}),
    ...(fate === 'lets-time-pass' ? { around: slowToDeliver } : {}),
  });
  // Killed at the start, it rejects or never answers.
  victim.coordinator.start().catch(() => undefined);
  return {
    coordinator: victim.coordinator,
    get isAlive() {
      return !isDead;
    },
  };
}

/** Ended sagas are forgotten soon, and the broker is asked for its time each time. */
const timeAtOnce: GivenCoordinatorLimits = {
  brokerTimeAgeMsMax: 1,
  timerTickMs: 10,
  saga: { endedRetentionMs: 50 },
};

function waitOf(at: Checkpoint): Wait {
  const name = at.slice(at.indexOf(' ') + 1);
  const wait = waits.find((one) => one === name);
  if (wait === undefined) throw new Error(`${at} is no checkpoint`);
  return wait;
}

/** Of every other schema that it needs it says that the registry does not answer. */
function forgetful(serde: Serde): Serde {
  let asked = 0;
  return portWith(serde, {
    decode: async (bytes, reader) => {
      asked += 1;
      if (asked % 2 === 1) throw new RetryableError('the registry is away');
      return serde.decode(bytes, reader);
    },
  });
}

/** Says of every other position that nothing is delivered yet: so there is something to wait for. */
function slowToDeliver(transport: Transport): Transport {
  const slow = (claim: Claim): Claim => {
    let asked = 0;
    return portWith(claim, {
      position: (topic) => {
        asked += 1;
        return asked % 8 === 1 ? -1n : claim.position(topic);
      },
    });
  };
  return portWith(transport, {
    subscribe: (subscription) =>
      transport.subscribe({
        ...subscription,
        onAssigned: (claim) => subscription.onAssigned(slow(claim)),
      }),
  });
}

function forever(): Promise<never> {
  return new Promise<never>(() => undefined);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
