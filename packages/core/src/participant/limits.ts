import { checkedLimits } from '../checked-limits.ts';

/** Named limits of one service. Durations in milliseconds. */
export interface ServiceLimits {
  /** Handlers that run at once. */
  readonly concurrencyMax: number;
  /** Records that are in work or wait for their turn, over all partitions. Beyond it the intake pauses. */
  readonly bufferedRecordsMax: number;
  /** The same in bytes of keys and values. */
  readonly bufferedBytesMax: number;
  /**
   * Records of parked keys: of those whose first record waits for another attempt, for a saga definition, or for the end of
   * an outage. Beyond it the intake pauses, and then one bad key holds up others.
   */
  readonly parkedRecordsMax: number;
  readonly parkedBytesMax: number;
  /** One call of a handler; then its signal is aborted. */
  readonly attemptTimeoutMs: number;
  /** How long an aborted handler may take to come to an end before the next attempt begins without it. */
  readonly attemptGraceMs: number;
  /** Handlers that outran their time and still run. When there are as many, no handler is called. */
  readonly abandonedAttemptsMax: number;
  /** Attempts at one effect; a step's own `retry` goes before it. */
  readonly attemptsMax: number;
  /** The longest wait after the first failed attempt; it doubles from there, with full jitter. */
  readonly retryFirstDelayMs: number;
  readonly retryDelayMsMax: number;
  /** The longest `retryAfterMs` of a RetryableError that is honoured. */
  readonly retryAfterMsMax: number;
  /** While broker, registry or database do not answer: the first and the longest wait before asking again. */
  readonly outageFirstDelayMs: number;
  readonly outageDelayMsMax: number;
  /** How long the events of a key wait for a saga definition that is not known. */
  readonly definitionWaitMs: number;
  /** How long stopping, or giving a partition away, waits for what was begun. */
  readonly drainTimeoutMs: number;
  /** Closing the producer or the inbox: one that does not come to an end is left to itself. */
  readonly closeTimeoutMs: number;
  /** Everything that `start` waits for. */
  readonly startTimeoutMs: number;
  /**
   * The consumer group's session. After an instance was killed its group waits this long for it, and takes in nobody
   * meanwhile, the instance that replaces it included.
   */
  readonly sessionTimeoutMs: number;
  /** Key, value and headers of one record that is sent. Kafka's own default limit is 1,048,588. */
  readonly messageBytesMax: number;
  /** The error text in a `StepFailed` and a dead letter is cut there. */
  readonly errorTextLengthMax: number;
  /** Without an inbox: cancelled steps that are remembered in memory. */
  readonly cancelsRememberedMax: number;
  /**
   * How long inbox rows are kept: longer than any topic keeps its events, or an event that comes again has its effect
   * again. At least as long as topics of `topicsOf` may keep them (twice the time limit of the longest saga, at least
   * 7 days, and 7 days for a segment), whatever is said here; topics that keep them longer need more.
   */
  readonly inboxRetentionMs: number;
  readonly inboxPruneEveryMs: number;
  /** How often an instance announces its inbox, for the others of its group to find out whether they share it. */
  readonly announceEveryMs: number;
  /** Definitions that are kept in memory; what comes beyond is not known here. */
  readonly definitionsMax: number;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

export const defaultServiceLimits: ServiceLimits = {
  concurrencyMax: 64,
  bufferedRecordsMax: 2_000,
  bufferedBytesMax: 64 * 1024 * 1024,
  parkedRecordsMax: 10_000,
  parkedBytesMax: 64 * 1024 * 1024,
  attemptTimeoutMs: 30 * secondMs,
  attemptGraceMs: secondMs,
  abandonedAttemptsMax: 100,
  attemptsMax: 5,
  retryFirstDelayMs: 100,
  retryDelayMsMax: 30 * secondMs,
  retryAfterMsMax: 5 * minuteMs,
  outageFirstDelayMs: 100,
  outageDelayMsMax: 5 * secondMs,
  definitionWaitMs: 5 * minuteMs,
  drainTimeoutMs: 20 * secondMs,
  closeTimeoutMs: 10 * secondMs,
  startTimeoutMs: 30 * secondMs,
  sessionTimeoutMs: 10 * secondMs,
  messageBytesMax: 1_000_000,
  errorTextLengthMax: 1_000,
  cancelsRememberedMax: 10_000,
  inboxRetentionMs: 30 * 24 * hourMs,
  inboxPruneEveryMs: hourMs,
  announceEveryMs: 10 * minuteMs,
  definitionsMax: 10_000,
};

/** Those may be nothing: no wait. */
const fromZero: readonly (keyof ServiceLimits)[] = [
  'attemptGraceMs',
  'retryFirstDelayMs',
  'retryDelayMsMax',
  'retryAfterMsMax',
  'outageFirstDelayMs',
  'outageDelayMsMax',
  'definitionWaitMs',
  'drainTimeoutMs',
];

/** The defaults with what was given instead. Throws `ConfigurationError` that names every wrong one. */
export function serviceLimits(given: Partial<ServiceLimits> = {}): ServiceLimits {
  return checkedLimits(given, defaultServiceLimits, fromZero);
}
