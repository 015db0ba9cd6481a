import { type CancelTimer, type Consumer, type Subscription, TransportError } from '@troupe/core';
import { checkCoPartitioning, checkTopicsExist } from '@troupe/core/internal';
import { holdProcess } from '../../client/hold-process.ts';
import type { Surroundings } from '../../client/kafka-client.ts';
import { transportErrorOf } from '../../client/transport-error-of.ts';
import type { TopicDirectory } from '../../topics/topic-directory.ts';
import { outOfRangeError } from '../fetching/out-of-range-error.ts';
import { PollLoop } from '../fetching/poll-loop.ts';
import { type GroupAssignment, GroupSeat } from './group-seat.ts';
import { MemberReading } from './member-reading.ts';
import { wholeNumberAssigner } from './whole-number-assigner.ts';

const gatherNothing = () => 0;

/**
 * One member of a consumer group.
 *
 * Owns its life: one poll loop after the other, of which each takes the same seat in the group when the connections of
 * the one before have failed. Does not own what the group knows of it (the seat), nor what it reads.
 *
 * 1. After `close` or `onCrash` nothing is delivered.
 * 2. There is one loop at most, or one timer that opens the next.
 * 3. From `join` to its end it keeps the process alive, also where there is nothing but that timer.
 */
export class GroupConsumer implements Consumer {
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #subscription: Subscription;
  readonly #seat: GroupSeat;
  readonly #reading: MemberReading;
  readonly #onEnd: () => void;
  readonly #ending = new AbortController();
  #loop: PollLoop | undefined;
  #joined = Promise.withResolvers<void>();
  #isInGroup = false;
  #isLeaving = false;
  #restartDelayMs: number;
  #cancelRestart: CancelTimer = () => undefined;
  #lastFailure: unknown;
  #hasJoined = false;
  #letProcessGo: () => void = () => undefined;
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
    this.#restartDelayMs = surroundings.limits.restartFirstDelayMs;
    this.#seat = new GroupSeat(surroundings, groupId, sessionTimeoutMs, {
      onAssignment: (assignment, isCurrent) => this.#onAssignment(assignment, isCurrent),
      onLost: () => {
        this.#isInGroup = false;
        this.#reading.drop();
      },
    });
    const seat = this.#seat;
    this.#reading = new MemberReading({ surroundings, directory, subscription, seat });
    this.#onEnd = onEnd;
  }

  get partitions(): readonly number[] {
    return this.#reading.partitions;
  }

  get healthy(): boolean {
    return this.#isInGroup && !this.#isOver;
  }

  broadcastPosition(topic: string, partition: number): bigint {
    return this.#reading.broadcastPosition(topic, partition);
  }

  async join(): Promise<void> {
    this.#letProcessGo = holdProcess();
    try {
      await this.#checkTopics(this.#subscription.topics);
      this.#assertOpen();
    } catch (error) {
      await this.#end();
      throw error;
    }
    await this.#join();
  }

  async changeTopics(topics: readonly string[]): Promise<void> {
    await this.#checkTopics(topics);
    this.#assertOpen();
    await this.#leave();
    this.#assertOpen();
    this.#reading.change(topics);
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
    const { groupId, isolation, sessionTimeoutMs, gatherMs = gatherNothing } = this.#subscription;
    const reading = this.#reading;
    const assigner = wholeNumberAssigner({
      wish: () => reading.wish,
      partitionCounts: (of) => this.#directory.partitionCounts(of),
    });
    const { topics } = reading;
    const seat = this.#seat;
    const options = { groupId, topics, isolation, sessionTimeoutMs, gatherMs, assigner, seat };
    this.#loop = new PollLoop(this.#surroundings, options, {
      isWanted: (...fetch) => reading.isWanted(...fetch),
      onRecords: (...given) =>
        !this.#isOver && this.#guard(() => reading.onRecords(...given)) === true,
      onPassed: (...passed) => reading.onPassed(...passed),
      onOutOfRange: (topic, partition, offset) => this.#onOutOfRange(topic, partition, offset),
      onEnd: (error) => this.#onLoopEnd(error),
    });
    reading.readBy(this.#loop);
    void this.#loop.start();
  }

  async #onAssignment(assignment: GroupAssignment, isCurrent: () => boolean): Promise<void> {
    const isEnding = () => this.#isLeaving || this.#isOver;
    if (isEnding()) return;
    const fresh = await this.#reading.take(assignment, () => isCurrent() && !isEnding());
    if (isEnding() || !isCurrent()) return;
    for (const claim of fresh) this.#guard(() => this.#reading.introduce(claim));
    if (this.#isOver) return;
    this.#isInGroup = true;
    this.#hasJoined = true;
    this.#restartDelayMs = this.#surroundings.limits.restartFirstDelayMs;
    this.#joined.resolve();
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
    this.#restart();
  }

  #restart(): void {
    const { clock, limits } = this.#surroundings;
    const delayMs = this.#restartDelayMs;
    this.#restartDelayMs = Math.min(delayMs * 2, limits.restartDelayMsMax);
    this.#cancelRestart = clock.after(delayMs, () => this.#openLoop());
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
    this.#reading.lose();
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
    await this.#reading.giveUp();
    this.#isLeaving = true;
    await this.#endLoop();
  }

  async #end(): Promise<void> {
    this.#ending.abort(new TransportError('stopped', 'the consumer was closed'));
    this.#joined.promise.catch(() => 'whoever joins hears of it');
    this.#joined.reject(this.#ending.signal.reason);
    // Nothing, unless the end came while it joined.
    this.#reading.lose();
    await this.#endLoop();
    this.#letProcessGo();
    this.#onEnd();
  }

  async #endLoop(): Promise<void> {
    const loop = this.#loop;
    this.#loop = undefined;
    // Whoever joins again, as with other topics, has opened another one by then.
    this.#cancelRestart();
    const wasInGroup = this.#isInGroup;
    this.#isInGroup = false;
    this.#seat.giveUp();
    if (wasInGroup) await loop?.leave();
    else loop?.abandon();
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
