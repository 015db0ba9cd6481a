/**
 * Every point between receiving a record and committing its offset where a participant can be interrupted: kill tests
 * stop the process at each of them. In the order in which a record passes them; no record passes all.
 */
export const checkpoints = [
  /** Its turn among the records of its key has come. */
  'received',
  /** The inbox was asked for the effect. */
  'inbox-read',
  /** The event, or the inputs of a request, are decoded. */
  'decoded',
  /** A handler is about to be called. */
  'attempt-begins',
  /** Inside the local transaction: the work is done, nothing is committed. */
  'before-local-commit',
  /** The handler has returned and, if it used `ctx.transaction`, its effect is committed. */
  'attempt-ended',
  /** It may have happened, and is attempted again; the inbox holds that. */
  'doubt-recorded',
  /** It failed for good; nobody knows it yet. */
  'failed',
  /** The inbox holds the outcome. */
  'outcome-recorded',
  /** A cancelled step is in the inbox, its compensation has not begun. */
  'cancel-recorded',
  /** The outcome (or dead letter) is about to be sent. */
  'before-send',
  /** It was acknowledged. */
  'sent',
  /** All that the record asked for is done; its offset is about to be marked so. */
  'done',
  /** It is marked, unless one below it is not done yet; the group has not committed it. */
  'marked-done',
] as const;

export type Checkpoint = (typeof checkpoints)[number];

/**
 * Called at each checkpoint; what it returns is awaited. At `before-local-commit` an inbox may refuse a promise. Each place
 * asks whether there is one before it awaits: an await of nothing costs a turn, for every record at every checkpoint.
 */
export type CheckpointHook = (at: Checkpoint) => void | Promise<void>;
