export { type Given, given, type Then } from './given/given.ts';
export {
  compensationFailed,
  compensationTimedOut,
  failed,
  failedNotDone,
  type StepNamed,
  type StepOutcome,
  skipped,
  timedOut,
} from './given/step-outcome.ts';
export { ManualClock } from './manual-clock.ts';
export {
  type InMemoryTroupe,
  type RunInMemoryOptions,
  runInMemory,
} from './run-in-memory/run-in-memory.ts';
export { SagaStory, type StoryOutcome } from './run-in-memory/saga-story.ts';
