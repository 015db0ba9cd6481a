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
import { GroupClaim } from './group-claim.ts';
import { type GroupAssignment, GroupSeat } from './group-seat.ts';
import { HeldClaims } from './held-claims.ts';
import { outOfRangeError } from './out-of-range-error.ts';
import { PollLoop } from './poll-loop.ts';
import { startPositions } from './start-positions.ts';
import { wholeNumberAssigner } from './whole-number-assigner.ts';

const inAHurry = () => 0;

/**
 * One member of a consumer group.
 *
 * Owns its life: one poll loop after the other, of which each takes the same seat in the group when the connections of
 * the one before have failed. Does not own what the group knows of it (the seat), nor how claims come to their end.
 * 1. A number that was assigned elsewhere is given up in the background while the rest is read on; only then does the
 *    member join again, which lets the group give the number away.
 * 2. After `close` or `onCrash` nothing is delivered.
 */
export class GroupConsumer implements Consumer {
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #subscription: Subscription;
  readonly #seat: GroupSeat;
  readonly #broadcast: BroadcastReader;
  readonly #claims: HeldClaims;
  readonly #onEnd: () => void;
  readonly #ending = new AbortController();
  #topics: readonly string[];
  #loop: PollLoop | undefined;
  #joined = Promise.withResolvers<void>();
  #isInGroup = false;
  #isLeaving = false;
  #restartDelayMs: number;
  #lastFailure: unknown;
  #hasJoined = false;
  #closing: Promise<void> | undefined;

  constructor(
    surroundings: Surroundings,
    directory: TopicDirectory,
    subscription: Subscription,
    onEnd: () => void,
  ) {
    const { groupId, sessionTimeoutMs } = subscription;
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#subscription = subscription;
    this.#topics = subscription.topics;
    this.#broadcast = new BroadcastReader(subscription);
    this.#restartDelayMs = surroundings.limits.restartFirstDelayMs;
    this.#seat = new GroupSeat(surroundings, groupId, sessionTimeoutMs, {
      onAssignment: (assignment, isCurrent) => this.#onAssignment(assignment, isCurrent),
      onLost: () => {
        this.#isInGroup = false;
        this.#claims.drop();
      },
    });
    const done = new DoneOffsets(surroundings, (offsets) => this.#seat.commit(offsets));
    this.#claims = new HeldClaims(surroundings, done);
    this.#onEnd = onEnd;
  }

  get partitions(): readonly number[] {
    return this.#claims.partitions;
  }

  get healthy(): boolean {
    return this.#isInGroup && !this.#isOver;
  }

  broadcastPosition(topic: string, partition: number): bigint {
    return this.#broadcast.position(topic, partition);
  }

  async join(): Promise<void> {
    await this.#checkTopics(this.#topics);
    await this.#join();
  }

  async changeTopics(topics: readonly string[]): Promise<void> {
    await this.#checkTopics(topics);
    this.#assertOpen();
    await this.#leave();
    this.#assertOpen();
    this.#topics = topics;
    await this.#join();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
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
    const { groupId, isolation, sessionTimeoutMs, gatherMs = inAHurry } = this.#subscription;
    const topics = [...this.#topics, ...this.#broadcast.topics];
    const assigner = wholeNumberAssigner({
      wish: () => ({
        topics: this.#topics,
        broadcast: this.#broadcast.topics,
        owned: this.partitions,
      }),
      partitionCounts: (of) => this.#directory.partitionCounts(of),
    });
    const seat = this.#seat;
    const options = { groupId, topics, isolation, sessionTimeoutMs, gatherMs, assigner, seat };
    this.#loop = new PollLoop(this.#surroundings, options, {
      isWanted: (topic, partition, offset) =>
        this.#broadcast.has(topic) || this.#claims.isWanted(topic, partition, offset),
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
    const gone = this.#claims.notIn(numbers);
    if (gone.length > 0) void this.#giveAway(gone);
    const unclaimed = numbers.filter((number) => !this.#claims.has(number));
    const starts = await startPositions(unclaimed, this.#topics, this.#seat, this.#directory);
    const places = await this.#broadcast.places(assignment, this.#directory);
    if (this.#isLeaving || this.#isOver || !isCurrent()) return;
    const fresh = [...starts].map(
      ([number, positions]) => new GroupClaim(number, this.#claims, positions),
    );
    this.#claims.take(fresh, this.#loop);
    for (const { topic, partition, offset } of places) this.#loop?.seek(topic, partition, offset);
    for (const claim of fresh) {
      this.#guard(() => {
        claim.reader = this.#subscription.onAssigned(claim);
      });
    }
    if (this.#isOver) return;
    this.#isInGroup = true;
    this.#hasJoined = true;
    this.#restartDelayMs = this.#surroundings.limits.restartFirstDelayMs;
    this.#joined.resolve();
  }

  async #giveAway(claims: readonly GroupClaim[]): Promise<void> {
    await this.#claims.revoke(claims);
    this.#seat.rejoin();
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
    return this.#guard(() => this.#claims.deliver(topic, partition, records, next)) === true;
  }

  #onPassed(topic: string, partition: number, next: bigint): void {
    if (this.#broadcast.has(topic)) this.#broadcast.passed(topic, partition, next);
    else this.#claims.passed(topic, partition, next);
  }

  #onOutOfRange(topic: string, partition: number, offset: bigint): void {
    const { groupId } = this.#subscription;
    this.#crash(outOfRangeError({ groupId, topic, partition, offset }));
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
    this.#claims.lose();
    void this.#end();
    // Else whoever subscribes hears of it.
    if (this.#hasJoined) this.#subscription.onCrash(error);
  }

  async #close(): Promise<void> {
    await this.#leave();
    await this.#end();
  }

  /** Gives up all claims and leaves the group. */
  async #leave(): Promise<void> {
    await this.#claims.revoke(this.#claims.all);
    this.#isLeaving = true;
    await this.#endLoop();
  }

  async #end(): Promise<void> {
    this.#ending.abort(new TransportError('stopped', 'the consumer was closed'));
    this.#joined.promise.catch(() => 'whoever joins hears of it');
    this.#joined.reject(this.#ending.signal.reason);
    await this.#endLoop();
    this.#onEnd();
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
