import type {
  Claim,
  IncomingRecord,
  Random,
  TopicAdmin,
  TransactionalProducer,
  Transport,
} from '@troupe/core';
import { TransportError } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { heardLater, type WaitFor } from './checkpoints.ts';
import type { SagaStore } from './state/saga-store.ts';
import { barrierRecord, readStateRecord } from './state/state-record.ts';
import type { BrokerTime } from './time/broker-time.ts';

/**
 * Rebuilds a shard: write a barrier, read `troupe.state` up to it, seek the inputs to the offsets found there.
 *
 * The producer was opened before, which fenced every older holder, so nothing can be added before the barrier
 * once it is written; and the state's records and its offsets were committed together, so they fit each other.
 */
export class TakeOver {
  readonly #claim: Claim;
  readonly #store: SagaStore;
  readonly #time: BrokerTime;
  readonly #waitFor: WaitFor;
  readonly #barrier: string;
  readonly #done = Promise.withResolvers<ReadonlyMap<string, bigint>>();
  #offsets: ReadonlyMap<string, bigint> = new Map();

  constructor(
    claim: Claim,
    store: SagaStore,
    time: BrokerTime,
    { random, waitFor }: { readonly random: Random; readonly waitFor: WaitFor },
  ) {
    this.#claim = claim;
    this.#store = store;
    this.#time = time;
    this.#waitFor = waitFor;
    this.#barrier = random.id();
    heardLater(this.#done.promise);
  }

  /** Resolves with the input offsets of the restored state; the state topic is then paused again. */
  async run(
    producer: TransactionalProducer,
    topics: TopicAdmin,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, bigint>> {
    const { partition } = this.#claim;
    const barrier = barrierRecord(partition, this.#barrier);
    await this.#waitFor('barrier', () => producer.commit([barrier]));
    const starts = await this.#waitFor('state-start', () =>
      topics.startOffsets([internalTopics.state], partition),
    );
    signal.throwIfAborted();
    this.#claim.seek(internalTopics.state, starts.get(internalTopics.state) ?? 0n);
    const stop = () => this.#done.reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    this.#claim.resume([internalTopics.state]);
    try {
      return await this.#waitFor('state', () => this.#done.promise);
    } finally {
      signal.removeEventListener('abort', stop);
      this.#claim.pause([internalTopics.state]);
    }
  }

  /** The records of `troupe.state`, in order. */
  onRecord(record: IncomingRecord): void {
    try {
      this.#restore(record);
    } catch (error) {
      const where = `${record.topic}-${record.partition}@${record.offset}`;
      const why = error instanceof Error ? error.message : String(error);
      const text = `the state is damaged, as read up to ${where}: ${why}`;
      this.#done.reject(new TransportError('transport-failed', text, { cause: error }));
    }
  }

  #restore(record: IncomingRecord): void {
    const state = readStateRecord(record);
    if (state.kind === 'offsets') this.#offsets = state.offsets;
    else if (state.kind !== 'barrier') this.#store.restore(state);
    else if (state.id === this.#barrier) {
      this.#time.observe(record.timestampMs);
      this.#store.restored();
      this.#done.resolve(this.#offsets);
    }
  }
}

/**
 * Where each topic goes on that is, or ever was, an input. Throws `offset-out-of-range` when records that were never folded
 * are gone, or when a topic was made anew: that is data loss, and nobody but a person may decide to go on.
 */
export async function inputOffsets(
  partition: number,
  restored: ReadonlyMap<string, bigint>,
  {
    inputs,
    transport: { topics },
    waitFor,
  }: {
    readonly inputs: readonly string[];
    readonly transport: Pick<Transport, 'topics'>;
    readonly waitFor: WaitFor;
  },
): Promise<Map<string, bigint>> {
  const [starts, ends] = await waitFor('input-bounds', () =>
    Promise.all([
      topics.startOffsets(inputs, partition),
      topics.endOffsets(inputs, partition, 'read-uncommitted'),
    ]),
  );
  const offsets = new Map<string, bigint>();
  const lost: string[] = [];
  for (const topic of inputs) {
    const start = starts.get(topic) ?? 0n;
    const end = ends.get(topic) ?? start;
    const offset = restored.get(topic) ?? start;
    if (offset < start || offset > end) {
      lost.push(`${topic}-${partition}: next is ${offset}, but there is ${start} to ${end}`);
    }
    offsets.set(topic, offset);
  }
  // Topics that nobody folds at present stay where they are: from their start their events would count twice.
  for (const [topic, offset] of restored) if (!offsets.has(topic)) offsets.set(topic, offset);
  if (lost.length === 0) return offsets;
  throw new TransportError(
    'offset-out-of-range',
    `events were deleted before they were folded, or a topic was made anew. ${lost.join('; ')}. ` +
      'Restore the topic, or begin anew without this partition of troupe.state (docs/operations.md, Data loss)',
  );
}
