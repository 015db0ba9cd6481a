import type { IncomingRecord, Subscription } from '@troupe/core';
import type { Surroundings } from '../../client/kafka-client.ts';
import type { TopicDirectory } from '../../topics/topic-directory.ts';
import { BroadcastReader } from '../fetching/broadcast-reader.ts';
import type { PollLoop } from '../fetching/poll-loop.ts';
import { DoneOffsets } from './done-offsets.ts';
import { GroupClaim } from './group-claim.ts';
import type { GroupAssignment, GroupSeat } from './group-seat.ts';
import { HeldClaims } from './held-claims.ts';
import { startPositions } from './start-positions.ts';
import type { Wish } from './whole-number-assigner.ts';

interface ReadingParts {
  readonly surroundings: Surroundings;
  readonly directory: TopicDirectory;
  readonly subscription: Subscription;
  readonly seat: GroupSeat;
}

/**
 * What one member reads: the partition numbers that it holds, and the broadcast topics.
 *
 * Owns the topics, the claims, and where each is read. Does not own the poll loop, nor the member's place in the group.
 * 1. A number that was assigned elsewhere is given up in the background while the rest is read on; only then does the
 *    member join again, which lets the group give the number away.
 * 2. What the readers throw comes out of `onRecords` and `introduce`, and of nothing else.
 * 3. From `giveUp` to `change` no number is taken, whatever is assigned: nobody would give it up again. A join meanwhile
 *    serves what is committed last, and the broadcast topics.
 */
export class MemberReading {
  readonly #subscription: Subscription;
  readonly #directory: TopicDirectory;
  readonly #seat: GroupSeat;
  readonly #broadcast: BroadcastReader;
  readonly #claims: HeldClaims;
  #topics: readonly string[];
  #loop: PollLoop | undefined;
  #isGivingUp = false;

  constructor({ surroundings, directory, subscription, seat }: ReadingParts) {
    this.#subscription = subscription;
    this.#directory = directory;
    this.#seat = seat;
    this.#topics = subscription.topics;
    this.#broadcast = new BroadcastReader(subscription);
    const done = new DoneOffsets(surroundings, (offsets) => seat.commit(offsets));
    this.#claims = new HeldClaims(surroundings, done);
  }

  /** The broadcast ones too. */
  get topics(): readonly string[] {
    return [...this.#topics, ...this.#broadcast.topics];
  }

  get partitions(): readonly number[] {
    return this.#claims.partitions;
  }

  /** What the leader of the group is told. */
  get wish(): Wish {
    const { topics: broadcast } = this.#broadcast;
    return { topics: this.#topics, broadcast, owned: this.partitions };
  }

  broadcastPosition(topic: string, partition: number): bigint {
    return this.#broadcast.position(topic, partition);
  }

  /** From now on `loop` fetches, once it has joined. */
  readBy(loop: PollLoop): void {
    this.#loop = loop;
    this.#claims.readBy(loop);
  }

  /** To be called when all was given up. From now on numbers are taken again. */
  change(topics: readonly string[]): void {
    this.#topics = topics;
    this.#isGivingUp = false;
  }

  isWanted(topic: string, partition: number, offset: bigint): boolean {
    return this.#broadcast.has(topic) || this.#claims.isWanted(topic, partition, offset);
  }

  /** Whether they were taken; if not they have to come again. */
  onRecords(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): boolean {
    if (!this.#broadcast.has(topic)) {
      return this.#claims.deliver(topic, partition, records, next);
    }
    this.#broadcast.deliver(topic, partition, records, next);
    return true;
  }

  onPassed(topic: string, partition: number, next: bigint): void {
    if (this.#broadcast.has(topic)) this.#broadcast.passed(topic, partition, next);
    else this.#claims.passed(topic, partition, next);
  }

  /**
   * Takes what was assigned, unless it is not current any more when all is known of it, and has the loop go on where it
   * has to. Returns the claims that are new.
   */
  async take(
    assignment: GroupAssignment,
    isCurrent: () => boolean,
  ): Promise<readonly GroupClaim[]> {
    const [first] = this.#topics;
    const numbers = first === undefined ? [] : (assignment[first] ?? []);
    const gone = this.#claims.notIn(numbers);
    if (gone.length > 0) void this.#giveAway(gone);
    const unclaimed = numbers.filter((number) => !this.#claims.has(number));
    const starts = await startPositions(unclaimed, this.#topics, this.#seat, this.#directory);
    const places = await this.#broadcast.places(assignment, this.#directory);
    if (!isCurrent()) return [];
    const taken = this.#isGivingUp ? [] : [...starts]; // invariant 3
    // Another join may have taken it meanwhile.
    const fresh = taken
      .filter(([number]) => !this.#claims.has(number))
      .map(([number, positions]) => new GroupClaim(number, this.#claims, positions));
    this.#claims.take(fresh);
    for (const { topic, partition, offset } of places) this.#loop?.seek(topic, partition, offset);
    return fresh;
  }

  /** Finds the reader of a new claim, unless that is given up by now, or lost because the reader before has thrown. */
  introduce(claim: GroupClaim): void {
    if (claim.isRevoking || claim.lost.aborted) return;
    claim.reader = this.#subscription.onAssigned(claim);
  }

  /** Ends all claims in order, and commits what is done. */
  giveUp(): Promise<void> {
    this.#isGivingUp = true;
    return this.#claims.revoke(this.#claims.all);
  }

  /** The session is over: the readers hear of it when it is. */
  drop(): void {
    this.#claims.drop();
  }

  /** Ends all claims at once. */
  lose(): void {
    this.#claims.lose();
  }

  async #giveAway(claims: readonly GroupClaim[]): Promise<void> {
    await this.#claims.revoke(claims);
    this.#seat.rejoin();
  }
}
