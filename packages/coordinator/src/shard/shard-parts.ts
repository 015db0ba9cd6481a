import type { Clock, Logger, Random, Serde, Transport } from '@troupe/core';
import type { Tracing } from '@troupe/core/internal';
import type { CoordinatorLimits } from '../coordinator-limits.ts';
import type { DefinitionBook } from '../definitions/definition-book.ts';
import type { WaitFor } from './checkpoints.ts';

/** What a coordinator gives to its shards. */
export interface ShardParts {
  readonly groupId: string;
  readonly transport: Transport;
  readonly serde: Serde;
  readonly book: DefinitionBook;
  /** Resolves when every definition that was published by now is in the book. */
  readonly definitionsRead: (signal: AbortSignal) => Promise<void>;
  /** The topics that are folded: all that the consumer reads but `troupe.state`. */
  readonly inputs: readonly string[];
  readonly partitionCount: number;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly random: Random;
  readonly waitFor: WaitFor;
  readonly logger: Logger;
  readonly limits: CoordinatorLimits;
}
