import type { Clock, HealthReport, Logger, Random, Serde, Transport } from '@troupe/core';
import type { Progress } from '@troupe/core/internal';
import type { GivenCoordinatorLimits } from './coordinator-limits.ts';
import type { RefusedDefinition } from './definitions/definition-book.ts';
import type { CheckpointHook } from './shard/checkpoints.ts';
import type { ShardPhase } from './shard/shard.ts';

export interface CoordinatorOptions {
  readonly transport: Transport;
  readonly serde: Serde;
  /** Coordinators of one group share the partitions. Default: `troupe-coordinator`. */
  readonly groupId?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: GivenCoordinatorLimits | undefined;
  /** For tests that stop the process at each point: see `checkpoints`. */
  readonly checkpoint?: CheckpointHook | undefined;
}

export interface Coordinator {
  /**
   * Resolves when it is in the group and has read all definitions. Rejects with a `ConfigurationError` that names
   * missing topics, or topics that have grown, or with a `TransportError` that names the broker. Idempotent. Rejects with
   * `stopped` once `stop` was called: another coordinator has to be made then.
   */
  start(): Promise<void>;
  /** For good: commits what is folded and leaves the group. Idempotent. */
  stop(): Promise<void>;
  health(): CoordinatorHealth;
  /** A saga of a partition that this coordinator holds. */
  saga(name: string, sagaId: string): Progress | undefined;
}

export interface CoordinatorHealth extends HealthReport {
  /** The partitions held. `ready` is true when each of them is `live`. */
  readonly shards: readonly {
    readonly partition: number;
    readonly phase: ShardPhase;
    readonly sagas: number;
    /** Of these, how many wait for a person: the log and `troupe.sagas` say which, and why. */
    readonly stuck: number;
    /** Events of other partitions that a foreign partitioner put here, since the partition was assigned: all forwarded. */
    readonly misplaced: number;
  }[];
  readonly refusedDefinitions: readonly RefusedDefinition[];
}
