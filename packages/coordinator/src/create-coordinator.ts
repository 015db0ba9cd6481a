import { silentLogger, systemClock, systemRandom } from '@troupe/core';
import type { Coordinator, CoordinatorOptions } from './coordinator.ts';
import { coordinatorLimits } from './coordinator-limits.ts';
import { DefinitionBook } from './definitions/definition-book.ts';
import { RunningCoordinator } from './running-coordinator.ts';
import { waitsWith } from './shard/checkpoints.ts';

/**
 * A coordinator: tracks every saga of the partitions that it holds, asks for joins and compensations, watches the
 * time limits. Runs no user code; learns definitions from `troupe.definitions`. Throws `ConfigurationError` for limits
 * that are none.
 */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { transport, serde, groupId = 'troupe-coordinator', logger = silentLogger } = options;
  const limits = coordinatorLimits(options.limits);
  return new RunningCoordinator({
    groupId,
    transport,
    serde,
    book: new DefinitionBook(limits.definitionsMax, logger),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    waitFor: waitsWith(options.checkpoint),
    logger,
    limits,
  });
}
