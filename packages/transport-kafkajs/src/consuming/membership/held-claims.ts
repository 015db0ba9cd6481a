import type { IncomingRecord } from '@troupe/core';
import type { Surroundings } from '../../client/kafka-client.ts';
import type { PollLoop } from '../fetching/poll-loop.ts';
import type { DoneOffsets } from './done-offsets.ts';
import type { ClaimOwner, GroupClaim } from './group-claim.ts';

/**
 * The claims of one member, by partition number, and how they come to their end: revoked, or at once.
 *
 * 1. A claim is here until it is lost: while its reader ends what it has begun, the member still owns the number.
 * 2. What is sought or resumed is told the poll loop that runs now; one that runs from now on is told where each claim
 *    goes on when it has joined.
 */
export class HeldClaims implements ClaimOwner {
  readonly #surroundings: Surroundings;
  readonly #done: DoneOffsets;
  readonly #claims = new Map<number, GroupClaim>();
  #loop: PollLoop | undefined;

  constructor(surroundings: Surroundings, done: DoneOffsets) {
    this.#surroundings = surroundings;
    this.#done = done;
  }

  get partitions(): readonly number[] {
    return [...this.#claims.keys()].sort((a, b) => a - b);
  }

  get all(): readonly GroupClaim[] {
    return [...this.#claims.values()];
  }

  has(partition: number): boolean {
    return this.#claims.has(partition);
  }

  /** What was given to another member, and is not on its way there yet. */
  notIn(numbers: readonly number[]): readonly GroupClaim[] {
    return this.all.filter(
      ({ partition, isRevoking }) => !isRevoking && !numbers.includes(partition),
    );
  }

  readBy(loop: PollLoop): void {
    this.#loop = loop;
  }

  /** Adds `fresh`, and has the poll loop, which has joined, go on where each claim is. */
  take(fresh: readonly GroupClaim[]): void {
    for (const claim of fresh) this.#claims.set(claim.partition, claim);
    for (const claim of this.#claims.values()) claim.reposition();
  }

  sought(topic: string, partition: number, offset: bigint): void {
    this.#loop?.seek(topic, partition, offset);
  }

  paused(): void {
    this.#loop?.expectResume();
  }

  resumed(): void {
    this.#loop?.wake();
  }

  markDone(topic: string, partition: number, offset: bigint): void {
    this.#done.mark(topic, partition, offset);
  }

  isWanted(topic: string, partition: number, offset: bigint): boolean {
    return this.#claims.get(partition)?.fetching(topic, offset) ?? false;
  }

  deliver(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): boolean {
    return this.#claims.get(partition)?.deliver(topic, records, next) ?? false;
  }

  passed(topic: string, partition: number, next: bigint): void {
    this.#claims.get(partition)?.passed(topic, next);
  }

  /** Waits for the readers, within the limit, and commits what they have done. */
  async revoke(claims: readonly GroupClaim[]): Promise<void> {
    const { clock, limits } = this.#surroundings;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(limits.revokeTimeoutMs, resolve);
    const revocations = claims.map((claim) => claim.revoke(over).catch(this.#warn));
    await Promise.all(revocations);
    cancel();
    await this.#done.flush(claims.map(({ partition }) => partition));
    for (const claim of claims) {
      claim.lose();
      if (this.#claims.get(claim.partition) !== claim) continue;
      this.#claims.delete(claim.partition);
      this.#done.forget(claim.partition);
    }
  }

  /** The session is over. The readers hear of it, when it is too late to mark anything as done. */
  drop(): void {
    const claims = this.all;
    this.#claims.clear();
    this.#done.drop();
    for (const claim of claims) claim.drop().catch(this.#warn);
  }

  /** Ends all claims at once. Readers hear of it by `lost` only. */
  lose(): void {
    for (const claim of this.#claims.values()) claim.lose();
    this.#claims.clear();
    this.#done.drop();
  }

  readonly #warn = (error: unknown): void => {
    this.#surroundings.logger.warn('a reader failed at giving up its partition', { error });
  };
}
