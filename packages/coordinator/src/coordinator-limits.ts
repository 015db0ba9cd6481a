import {
  checkedLimits,
  defaultSagaLimits,
  type GivenLimits,
  type SagaLimits,
} from '@troupe/core/internal';

/** Every bound of a coordinator, by name. Durations in milliseconds, sizes in bytes. */
export interface CoordinatorLimits {
  readonly saga: SagaLimits;
  /**
   * Requests are committed after this, with everything folded until then. Shorter: joins start sooner. Longer: fewer
   * transactions.
   */
  readonly commitIntervalMs: number;
  /**
   * Progress that no saga waits for is committed after this: the chain of events goes on without it. Shorter: the
   * life-cycle log is nearer to the events. Longer: fewer transactions, and a saga's state is written less often.
   */
  readonly recordIntervalMs: number;
  /**
   * Events that may make a join run and come within this after others are read together with the next ones: fewer
   * fetches, later joins.
   */
  readonly gatherMs: number;
  /** And all other events, for which nobody waits: the chain goes on without the coordinator. */
  readonly gatherUnawaitedMs: number;
  /** This many folded records are committed at once, without waiting for the interval. */
  readonly commitRecordsMax: number;
  /** And with this much to write. */
  readonly commitBytesMax: number;
  /** Input offsets alone, with nothing else to commit, are written this often. */
  readonly offsetsIntervalMs: number;
  /** Records of one shard that wait to be folded; with more, its inputs are paused. */
  readonly bufferedRecordsMax: number;
  /** And the bytes of their values. */
  readonly bufferedBytesMax: number;
  /** Sagas of one shard that are ready to use, those that were used last; the others take a third of the memory. */
  readonly liveSagasMax: number;
  /** How long a shard that lost its producer or its broker waits before it takes over again. */
  readonly takeOverDelayMs: number;
  readonly takeOverDelayMsMax: number;
  /** How long an event waits for the definition that it names, while everything else goes on. */
  readonly definitionWaitMs: number;
  /**
   * Events of one shard that wait so, of one definition half of what the others leave; one that comes beyond is a dead
   * letter at once.
   */
  readonly waitingEventsMax: number;
  /** And their bytes, parted likewise. */
  readonly waitingBytesMax: number;
  /** A shard that is revoked may end its commit within this. */
  readonly drainTimeoutMs: number;
  /** The broker's time is asked for again after this, before a time limit may pass: clocks drift apart. */
  readonly brokerTimeAgeMsMax: number;
  /**
   * A shard that stands still for longer, for a record that cannot be read yet or for what an open transaction of another
   * producer holds back, says so in the health.
   */
  readonly standstillMs: number;
  /** Timers are looked at this often, once they are due. */
  readonly timerTickMs: number;
  /** One record: a request with its inputs, or the progress of one saga. */
  readonly messageBytesMax: number;
  readonly sessionTimeoutMs: number;
  /** Definitions that are kept. */
  readonly definitionsMax: number;
}

export const defaultCoordinatorLimits: CoordinatorLimits = {
  saga: defaultSagaLimits,
  commitIntervalMs: 5,
  recordIntervalMs: 100,
  gatherMs: 5,
  gatherUnawaitedMs: 30,
  commitRecordsMax: 2_000,
  commitBytesMax: 8_000_000,
  offsetsIntervalMs: 1_000,
  bufferedRecordsMax: 10_000,
  bufferedBytesMax: 64_000_000,
  liveSagasMax: 5_000,
  takeOverDelayMs: 250,
  takeOverDelayMsMax: 10_000,
  definitionWaitMs: 5 * 60_000,
  waitingEventsMax: 1_000,
  waitingBytesMax: 16_000_000,
  drainTimeoutMs: 5_000,
  brokerTimeAgeMsMax: 10 * 60_000,
  standstillMs: 10_000,
  timerTickMs: 50,
  messageBytesMax: 900_000,
  sessionTimeoutMs: 10_000,
  definitionsMax: 1_000,
};

export type GivenCoordinatorLimits = GivenLimits<CoordinatorLimits>;

/** Those may be nothing: no wait. */
const fromZero: readonly (keyof CoordinatorLimits)[] = ['gatherMs', 'gatherUnawaitedMs'];

/** The defaults with what was given instead. Throws `ConfigurationError` that names every wrong one. */
export function coordinatorLimits(given: GivenCoordinatorLimits = {}): CoordinatorLimits {
  return checkedLimits(given, defaultCoordinatorLimits, fromZero);
}
