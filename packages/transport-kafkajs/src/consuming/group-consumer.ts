import {
  type Consumer,
  type IncomingRecord,
  type Subscription,
  TransportError,
} from '@troupe/core';
import { checkCoPartitioning, checkTopicsExist } from '@troupe/core/internal';
import type { Surroundings } from '../client/kafka-client.ts';
import { transportErrorOf } from '../client/transport-error-of.ts';
import type { TopicDirectory } from '../topics/topic-directory.ts';
import { BroadcastReader } from './broadcast-reader.ts';
import { DoneOffsets } from './done-offsets.ts';
import { type ClaimOwner, GroupClaim } from './group-claim.ts';
import { type GroupAssignment, GroupSeat } from './group-seat.ts';
import { PollLoop } from './poll-loop.ts';
import { wholeNumberAssigner } from './whole-number-assigner.ts';

/**
 * One member of a consumer group.
 *
 * Owns its claims, and one poll loop after the other: when the connections of one fail, the next one takes its seat in
 * the group again. Does not own what the group knows of it (the seat), nor the offsets that wait to be committed.
 * 1. A claim is made by an assignment, and ends revoked, with the session, or with the consumer; then it is lost.
 * 2. A number that was assigned elsewhere is given up in the background while the rest is read on; only then does the
 *    member join again, which lets the group give the number away.
 * 3. After `close` or `onCrash` nothing is delivered.
 */
export class GroupConsumer implements Consumer, ClaimOwner {
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #subscription: Subscription;
  readonly #seat: GroupSeat;
  readonly #done: DoneOffsets;
  readonly #broadcast: BroadcastReader;
  readonly #claims = new Map<number, GroupClaim>();
  readonly #ending = new AbortController();
  #topics: readonly string[];
  #loop: PollLoop | undefined;
  #joined = Promise.withResolvers<void>();
  #isInGroup = false;
  #isLeaving = false;
  #restartDelayMs: number;
  #lastFailure: unknown;
  #closing: Promise<void> | undefined;

  constructor(surroundings: Surroundings, directory: TopicDirectory, subscription: Subscription) {
    const { groupId, sessionTimeoutMs } = subscription;
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#subscription = subscription;
    this.#topics = subscription.topics;
    this.#broadcast = new BroadcastReader(subscription);
    this.#restartDelayMs = surroundings.limits.restartFirstDelayMs;
    this.#seat = new GroupSeat(surroundings, groupId, sessionTimeoutMs, {
      onAssignment: (assignment, isCurrent) => this.#onAssignment(assignment, isCurrent),
      onLost: () => this.#onLost(),
    });
    this.#done = new DoneOffsets(surroundings, (offsets) => this.#seat.commit(offsets));
  }

  get partitions(): readonly number[] {
    return [...this.#claims.keys()].sort((a, b) => a - b);
  }

  get healthy(): boolean {
    return this.#isInGroup && !this.#isOver;
  }

  async join(): Promise<void> {
    await this.#checkTopics(this.#topics);
    await this.#join();
  }

  async changeTopics(topics: readonly string[]): Promise<void> {
    await this.#checkTopics(topics);
    this.#assertOpen();
    await this.#leave();
    this.#topics = topics;
    await this.#join();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  apply(claim: GroupClaim, topics: readonly string[]): void {
    for (const topic of topics) {
      this.#loop?.setPaused(topic, claim.partition, claim.isPaused(topic));
      if (!claim.isSeeking(topic)) continue;
      this.#loop?.seek(topic, claim.partition, claim.position(topic));
    }
  }

  markDone(topic: string, partition: number, offset: bigint): void {
    this.#done.mark(topic, partition, offset);
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  async #checkTopics(topics: readonly string[]): Promise<void> {
    const { groupId, broadcast } = this.#subscription;
    const counts = await this.#directory.partitionCounts([...topics, ...broadcast]);
    checkCoPartitioning(groupId, topics, counts);
    checkTopicsExist(`group ${groupId} cannot read`, broadcast, counts);
  }

  async #join(): Promise<void> {
    const { clock, limits } = this.#surroundings;
    this.#joined = Promise.withResolvers();
    const tooLate = () => this.#joined.reject(this.#failure('was not joined in time'));
    const cancel = clock.after(limits.joinTimeoutMs, tooLate);
    this.#isLeaving = false;
    this.#openLoop();
    try {
      await this.#joined.promise;
    } catch (error) {
      await this.#end();
      throw error;
    } finally {
      cancel();
    }
  }

  #openLoop(): void {
    const { groupId, isolation, sessionTimeoutMs } = this.#subscription;
    const topics = [...this.#topics, ...this.#broadcast.topics];
    const assigner = wholeNumberAssigner({
      wish: () => ({
        topics: this.#topics,
        broadcast: this.#broadcast.topics,
        owned: this.partitions,
      }),
      partitionCounts: (of) => this.#directory.partitionCounts(of),
    });
    const options = { groupId, topics, isolation, sessionTimeoutMs, assigner, seat: this.#seat };
    this.#loop = new PollLoop(this.#surroundings, options, {
      onFetch: (topic, partition, offset) => this.#claims.get(partition)?.fetching(topic, offset),
      onRecords: (topic, partition, records, next) =>
        this.#onRecords(topic, partition, records, next),
      onPassed: (topic, partition, next) => this.#onPassed(topic, partition, next),
      onOutOfRange: (topic, partition, offset) => this.#onOutOfRange(topic, partition, offset),
      onEnd: (error) => this.#onLoopEnd(error),
    });
    void this.#loop.start();
  }

  async #onAssignment(assignment: GroupAssignment, isCurrent: () => boolean): Promise<void> {
    if (this.#isLeaving || this.#isOver) return;
    const [first] = this.#topics;
    const numbers = first === undefined ? [] : (assignment[first] ?? []);
    const gone = [...this.#claims.values()].filter(({ partition }) => !numbers.includes(partition));
    if (gone.length > 0) void this.#giveAway(gone);
    const fresh = await this.#newClaims(numbers.filter((number) => !this.#claims.has(number)));
    if (this.#isLeaving || this.#isOver || !isCurrent()) return;
    for (const claim of fresh) this.#claims.set(claim.partition, claim);
    for (const claim of this.#claims.values()) {
      claim.reposition();
      this.apply(claim, claim.topics);
    }
    for (const { topic, partition, offset } of this.#broadcast.places()) {
      this.#loop?.seek(topic, partition, offset);
    }
    for (const claim of fresh) {
      this.#guard(() => {
        claim.reader = this.#subscription.onAssigned(claim);
      });
    }
    this.#isInGroup = true;
    this.#restartDelayMs = this.#surroundings.limits.restartFirstDelayMs;
    this.#joined.resolve();
  }

  async #newClaims(numbers: readonly number[]): Promise<GroupClaim[]> {
    const wanted = numbers.flatMap((partition) =>
      this.#topics.map((topic) => ({ topic, partition })),
    );
    const committed = await this.#seat.committed(wanted);
    const claims: GroupClaim[] = [];
    for (const partition of numbers) {
      const own = committed.filter((one) => one.partition === partition);
      const positions = new Map(own.map(({ topic, offset }) => [topic, offset]));
      const missing = this.#topics.filter((topic) => !positions.has(topic));
      if (missing.length > 0) {
        const starts = await this.#directory.offsets(missing, partition, 'start');
        for (const topic of missing) positions.set(topic, starts.get(topic) ?? 0n);
      }
      claims.push(new GroupClaim(partition, this, positions));
    }
    return claims;
  }

  async #giveAway(claims: readonly GroupClaim[]): Promise<void> {
    await this.#revoke(claims);
    this.#seat.rejoin();
  }

  async #revoke(claims: readonly GroupClaim[]): Promise<void> {
    const { clock, limits, logger } = this.#surroundings;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(limits.revokeTimeoutMs, resolve);
    const revocations = await Promise.allSettled(claims.map((claim) => claim.revoke(over)));
    cancel();
    for (const revocation of revocations) {
      if (revocation.status === 'fulfilled') continue;
      logger.warn('a reader failed at giving up its partition', { error: revocation.reason });
    }
    await this.#done.flush();
    for (const claim of claims) {
      claim.lose();
      if (this.#claims.get(claim.partition) === claim) this.#claims.delete(claim.partition);
    }
  }

  #onLost(): void {
    const claims = [...this.#claims.values()];
    this.#claims.clear();
    this.#done.drop();
    this.#isInGroup = false;
    for (const claim of claims) {
      claim.drop().catch((error: unknown) => {
        const { logger } = this.#surroundings;
        logger.warn('a reader failed at giving up its partition', { error });
      });
    }
  }

  #onRecords(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): boolean {
    if (this.#isOver) return false;
    if (this.#broadcast.has(topic)) {
      this.#guard(() => this.#broadcast.deliver(topic, partition, records, next));
      return true;
    }
    const claim = this.#claims.get(partition);
    return this.#guard(() => claim?.deliver(topic, records, next)) === true;
  }

  #onPassed(topic: string, partition: number, next: bigint): void {
    if (this.#broadcast.has(topic)) this.#broadcast.passed(topic, partition, next);
    else this.#claims.get(partition)?.passed(topic, next);
  }

  #onOutOfRange(topic: string, partition: number, offset: bigint): void {
    const { groupId } = this.#subscription;
    this.#crash(
      new TransportError(
        'offset-out-of-range',
        `group ${groupId} reads ${topic}[${partition}] at offset ${offset}, which is not there: records were deleted before they were read, or the topic was made anew; set the group's offset to where it shall go on`,
        { details: { groupId, topic, partition, offset } },
      ),
    );
  }

  #onLoopEnd(error: Error): void {
    if (this.#isOver || this.#isLeaving) return;
    this.#isInGroup = false;
    this.#lastFailure = error;
    const failure = this.#failure('cannot be read');
    if (!failure.retryable && failure.code !== 'topic-missing') {
      this.#crash(failure);
      return;
    }
    const { logger } = this.#surroundings;
    logger.warn('a consumer lost its brokers, and tries again', { error: failure });
    void this.#restart();
  }

  async #restart(): Promise<void> {
    const { clock, limits } = this.#surroundings;
    const delayMs = this.#restartDelayMs;
    this.#restartDelayMs = Math.min(delayMs * 2, limits.restartDelayMsMax);
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    clock.after(delayMs, resolve);
    await waited;
    if (!this.#isOver && !this.#isLeaving) this.#openLoop();
  }

  /** What a reader throws is a fault of the program: the consumer ends, and says so. */
  #guard<Result>(call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      this.#crash(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  #crash(error: Error): void {
    if (this.#isOver) return;
    this.#ending.abort(error);
    for (const claim of this.#claims.values()) claim.lose();
    this.#claims.clear();
    this.#done.drop();
    void this.#end();
    this.#joined.reject(error);
    this.#subscription.onCrash(error);
  }

  async #close(): Promise<void> {
    await this.#leave();
    await this.#end();
  }

  /** Gives up all claims and leaves the group. */
  async #leave(): Promise<void> {
    await this.#revoke([...this.#claims.values()]);
    this.#isLeaving = true;
    await this.#endLoop();
  }

  async #end(): Promise<void> {
    this.#ending.abort(new TransportError('stopped', 'the consumer was closed'));
    this.#joined.promise.catch(() => 'whoever joins hears of it');
    this.#joined.reject(this.#ending.signal.reason);
    await this.#endLoop();
  }

  async #endLoop(): Promise<void> {
    const loop = this.#loop;
    this.#loop = undefined;
    const isHopeless = !this.#isInGroup;
    this.#isInGroup = false;
    this.#seat.giveUp();
    await loop?.stop(isHopeless);
    this.#seat.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined || this.#isOver) {
      throw new TransportError('stopped', 'the consumer was closed: subscribe anew');
    }
  }

  #failure(what: string): TransportError {
    const { groupId } = this.#subscription;
    const cause = this.#lastFailure ?? new Error('no answer of its coordinator');
    return transportErrorOf(`group ${groupId} ${what}`, cause, this.#surroundings.options.brokers);
  }
}
