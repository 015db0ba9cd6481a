import { checkedLimits, type GivenLimits } from '@troupe/core/internal';

/** What bounds one kafkajs transport. Durations in milliseconds. */
export interface KafkajsLimits {
  /** Records of one producer on their way to the broker; those beyond wait for their acknowledgement. */
  readonly bufferedRecordsMax: number;
  /** One record with its key and headers. Less than the broker's `message.max.bytes`. */
  readonly recordBytesMax: number;
  /**
   * One request: kafkajs makes a single record batch of what it is given for a partition. What is sent to a topic that
   * takes less (`max.message.bytes`) is split further.
   */
  readonly requestBytesMax: number;
  /** A transaction that takes longer is aborted by the broker. Until then it holds its readers up. */
  readonly transactionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** A request that is not answered by then has failed. */
  readonly requestTimeoutMs: number;
  /** As `requestTimeoutMs`, for questions about topics and offsets, which a broker answers at once. */
  readonly questionTimeoutMs: number;
  /** Everything that `subscribe` waits for. */
  readonly joinTimeoutMs: number;
  /** How long a member may take to join again when the group is rebalanced. */
  readonly rebalanceTimeoutMs: number;
  /** How often the group's coordinator is asked whether there is a rebalance; at most a third of the session. */
  readonly heartbeatIntervalMs: number;
  /** How long a reader may go on with a partition that was revoked. */
  readonly revokeTimeoutMs: number;
  /** What is done is committed so often, and tried to be for so long at the end. */
  readonly commitIntervalMs: number;
  readonly commitTimeoutMs: number;
  /** The broker answers a fetch that finds nothing after this time; a seek may have to wait as long. */
  readonly fetchWaitMs: number;
  /** One answer to a fetch, and the part of one partition in it; a single batch may be larger. */
  readonly fetchBytesMax: number;
  readonly fetchPartitionBytesMax: number;
  /** As `fetchWaitMs`, for `resumeExpectedMs` after a pause: a resume takes effect with the next fetch. */
  readonly fetchWaitWhilePausedMs: number;
  readonly resumeExpectedMs: number;
  /** A consumer whose connections failed is made anew: the first and the longest wait before that. */
  readonly restartFirstDelayMs: number;
  readonly restartDelayMsMax: number;
  /** What does not come to an end by then has its connections cut. */
  readonly closeTimeoutMs: number;
}

export const kafkajsLimits: KafkajsLimits = {
  bufferedRecordsMax: 50_000,
  recordBytesMax: 1_000_000,
  requestBytesMax: 900_000,
  transactionTimeoutMs: 10_000,
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 30_000,
  questionTimeoutMs: 5_000,
  joinTimeoutMs: 60_000,
  rebalanceTimeoutMs: 30_000,
  heartbeatIntervalMs: 500,
  revokeTimeoutMs: 30_000,
  commitIntervalMs: 100,
  commitTimeoutMs: 5_000,
  fetchWaitMs: 100,
  fetchBytesMax: 10 * 1_048_576,
  fetchPartitionBytesMax: 1_048_576,
  fetchWaitWhilePausedMs: 5,
  resumeExpectedMs: 1_000,
  restartFirstDelayMs: 100,
  restartDelayMsMax: 2_000,
  closeTimeoutMs: 5_000,
};

/** Those may be nothing: no wait. */
const fromZero: readonly (keyof KafkajsLimits)[] = [
  'revokeTimeoutMs',
  'commitTimeoutMs',
  'fetchWaitWhilePausedMs',
  'resumeExpectedMs',
  'restartFirstDelayMs',
  'closeTimeoutMs',
];

/** The defaults with what was given instead. Throws `ConfigurationError` that names every wrong one. */
export function limitsOf(given: GivenLimits<KafkajsLimits> = {}): KafkajsLimits {
  return checkedLimits(given, kafkajsLimits, fromZero);
}
