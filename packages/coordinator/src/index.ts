export type { Coordinator, CoordinatorHealth, CoordinatorOptions } from './coordinator.ts';
export {
  type CoordinatorLimits,
  defaultCoordinatorLimits,
  type GivenCoordinatorLimits,
} from './coordinator-limits.ts';
export { createCoordinator } from './create-coordinator.ts';
export type { RefusedDefinition } from './definitions/definition-book.ts';
export {
  type Checkpoint,
  type CheckpointHook,
  checkpoints,
  type Wait,
  waits,
} from './shard/checkpoints.ts';
