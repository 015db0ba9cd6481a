/**
 * Everything that a shard ever waits for, from taking a partition over to having given it up. Each is waited for at one
 * place in the source, by `WaitFor`; tests/architecture holds the code to it, so that this list is complete.
 */
export const waits = [
  /** All definitions that are published by now. */
  'definitions',
  /** The transactional producer: every older holder is fenced when it is open. */
  'producer',
  /** The barrier, to be written to `troupe.state`. */
  'barrier',
  /** Where `troupe.state` begins. */
  'state-start',
  /** Everything up to the barrier, to be restored. */
  'state',
  /** Where the inputs begin and end; from here on it folds. */
  'input-bounds',
  /** What a record is, which cannot be said at once. */
  'record',
  /** A definition that this record names. */
  'record-definition',
  /** The schema that this record was written with. */
  'record-schema',
  /** The moment to look for that schema again. */
  'record-retry',
  /** State, requests, life-cycle records and offsets, in one transaction. */
  'commit',
  /** Where `troupe.state` ends, to read the broker's time behind that. */
  'state-end',
  /** The broker's time. */
  'broker-time',
  /** Where the inputs end, since a time limit is due. */
  'input-ends',
  /** Everything below those ends. */
  'deliveries',
  /** The commits of what was folded before the partition was revoked, each of them, and all. */
  'last-commit',
  'drain',
  /** The producer, to be closed. */
  'closing',
  /** The moment to take over again after a failure. */
  'rebuild',
  /** The end of everything, before the partition is given up. */
  'end',
] as const;

export type Wait = (typeof waits)[number];

/**
 * A point at which a coordinator can be interrupted. Before: nothing was asked. Amid: it was asked, and whether it was
 * done is not known. After: it was done, and nothing follows from it yet.
 */
export type Checkpoint = `${'before' | 'amid' | 'after'} ${Wait}`;

/** All of them: kill tests end the process at each. */
export const checkpoints: readonly Checkpoint[] = waits.flatMap(
  (wait) => [`before ${wait}`, `amid ${wait}`, `after ${wait}`] as const,
);

/** Called at each checkpoint; what it returns is awaited. */
export type CheckpointHook = (at: Checkpoint) => void | Promise<void>;

/** Waits for what `begin` begins. */
export type WaitFor = <Result>(wait: Wait, begin: () => Promise<Result>) => Promise<Result>;

/** Without a hook nothing is between a shard and what it waits for. */
export function waitsWith(hook: CheckpointHook | undefined): WaitFor {
  if (hook === undefined) return (_, begin) => begin();
  return async (wait, begin) => {
    await hook(`before ${wait}`);
    const begun = begin();
    heardLater(begun);
    await hook(`amid ${wait}`);
    const result = await begun;
    await hook(`after ${wait}`);
    return result;
  };
}

/** Somebody will await it, perhaps only after it has failed. */
export function heardLater(promise: Promise<unknown>): void {
  promise.catch(() => 'who awaits it hears of it');
}
