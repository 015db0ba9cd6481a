/**
 * Every point at which a coordinator waits, and so every point at which it can be interrupted, between taking a
 * partition over and giving it up: kill tests stop the process at each of them.
 */
export const checkpoints = [
  /** All definitions are read; nothing of the partition is. */
  'definitions-read',
  /** The transactional producer is open: every older holder is fenced. */
  'producer-opened',
  /** The barrier is in `troupe.state`. */
  'barrier-written',
  /** Everything up to the barrier is restored. */
  'state-restored',
  /** Where the inputs go on is known and checked; from here on it folds. */
  'offsets-known',
  /** A record cannot be understood yet: its definition or its schema is fetched. */
  'record-waits',
  /** A batch is closed, nothing of it is written. */
  'before-commit',
  /** Its transaction was handed over; whether it is committed is not known. */
  'commit-under-way',
  /** It is committed, its offsets are not marked. */
  'committed',
  /** A time limit is due; the ends of the inputs are not known. */
  'time-due',
  /** The ends of the inputs are known, not all that lies below is delivered. */
  'ends-known',
  /** The partition was revoked; what is folded is not committed. */
  'revoked',
  /** What was folded is committed; the producer is still open. */
  'drained',
] as const;

export type Checkpoint = (typeof checkpoints)[number];

/** Called at each checkpoint; what it returns is awaited. */
export type CheckpointHook = (at: Checkpoint) => void | Promise<void>;
