import type { Consumer, Subscription } from '../ports/transport.ts';
import { MemoryClaim } from './memory-claim.ts';
import { MemoryCursor } from './memory-cursor.ts';
import type { Member, MemoryGroup } from './memory-group.ts';
import type { MemoryTransportLimits } from './memory-limits.ts';
import type { MemoryLog } from './memory-log.ts';

/**
 * One member of a group. Owns its claims, its cursors and the turns in which they read.
 *
 * 1. Records are delivered in a turn of their own, never inside a caller's.
 * 2. A cursor delivers `deliveredRecordsMax` records in a turn, then the next one has its turn.
 * 3. After `close`, a crash or a drop nothing is delivered.
 * 4. While it gives up all that it holds it takes nothing: nobody would revoke that.
 */
export class MemoryConsumer implements Consumer, Member {
  readonly #log: MemoryLog;
  readonly #limits: MemoryTransportLimits;
  readonly #group: MemoryGroup;
  readonly #subscription: Subscription;
  readonly #checkTopics: (topics: readonly string[]) => void;
  readonly #onEnd: (consumer: MemoryConsumer) => void;
  readonly #claims = new Map<number, MemoryClaim>();
  #broadcast: MemoryCursor[] = [];
  #topics: readonly string[];
  #ready: MemoryCursor[] = [];
  #turnScheduled = false;
  #state: 'joining' | 'joined' | 'over' = 'joining';
  #isGivingUp = false;
  #closing: Promise<void> | undefined;
  readonly #stopListening: () => void;

  constructor(
    log: MemoryLog,
    limits: MemoryTransportLimits,
    subscription: Subscription,
    checkTopics: (topics: readonly string[]) => void,
    onEnd: (consumer: MemoryConsumer) => void,
  ) {
    this.#log = log;
    this.#limits = limits;
    this.#group = log.group(subscription.groupId);
    this.#subscription = subscription;
    this.#checkTopics = checkTopics;
    this.#onEnd = onEnd;
    this.#topics = subscription.topics;
    this.#stopListening = log.onAvailable(() => this.#scheduleTurn());
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  get partitions(): readonly number[] {
    return [...this.#claims.keys()].sort((a, b) => a - b);
  }

  get healthy(): boolean {
    return this.#state === 'joined' && this.#log.available;
  }

  broadcastPosition(topic: string, partition: number): bigint {
    const cursor = this.#broadcast.find(
      ({ partition: of }) => of.topic === topic && of.number === partition,
    );
    return BigInt(cursor?.position ?? 0);
  }

  async join(): Promise<void> {
    await this.#group.join(this);
  }

  async changeTopics(topics: readonly string[]): Promise<void> {
    this.#checkTopics(topics);
    await this.#giveUp();
    if (this.#closing !== undefined || this.#state === 'over') return;
    this.#isGivingUp = false;
    this.#topics = topics;
    await this.#group.rebalance();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends without a word to the readers and without waiting, as a killed process does. */
  drop(): void {
    this.#end();
    for (const claim of this.#claims.values()) claim.drop();
    this.#claims.clear();
    this.#group.leave(this);
  }

  /** The group forgot this member, as after a pause longer than its session; it joins anew. */
  async loseSession(): Promise<void> {
    const claims = [...this.#claims.values()];
    this.#claims.clear();
    for (const claim of claims) claim.drop();
    this.#group.leave(this);
    await Promise.allSettled(claims.map((claim) => claim.reader?.onRevoked()));
    if (this.#state !== 'over') await this.#group.join(this);
  }

  /** Part of a rebalance: gives up what it no longer holds. */
  async keepOnly(numbers: readonly number[]): Promise<void> {
    const going = [...this.#claims.values()].filter((claim) => !numbers.includes(claim.partition));
    // A reader that fails at giving up has given up too.
    await Promise.allSettled(going.map((claim) => claim.revoke()));
    for (const claim of going) {
      if (this.#claims.get(claim.partition) === claim) this.#claims.delete(claim.partition);
    }
  }

  /** Part of a rebalance: takes what is new. */
  assign(numbers: readonly number[]): void {
    if (this.#isGivingUp || this.#state === 'over') return; // invariant 4
    if (this.#state === 'joining') this.#readBroadcast();
    this.#state = 'joined';
    for (const number of numbers) if (!this.#claims.has(number)) this.#take(number);
  }

  #take(number: number): void {
    const { revokeTimeoutMs } = this.#limits;
    const claim = new MemoryClaim(number, this.#group, this.#log.clock, revokeTimeoutMs);
    this.#claims.set(number, claim);
    for (const topic of this.#topics) {
      const partition = this.#log.partition(topic, number);
      const from = this.#group.committed(topic, number) ?? partition.start;
      claim.add(
        new MemoryCursor(
          partition,
          from,
          this.#subscription.isolation,
          (records) => claim.reader?.onRecords(records),
          this.#enqueue,
          () => claim.reader?.onPassed?.(topic),
        ),
      );
    }
    claim.reader = this.#subscription.onAssigned(claim);
  }

  #readBroadcast(): void {
    const { broadcast, isolation, onBroadcast } = this.#subscription;
    this.#broadcast = broadcast
      .flatMap((topic) => this.#log.existing(topic))
      .map(
        (partition) =>
          new MemoryCursor(partition, partition.start, isolation, onBroadcast, this.#enqueue),
      );
  }

  readonly #enqueue = (cursor: MemoryCursor): void => {
    if (cursor.queued) return;
    cursor.queued = true;
    this.#ready.push(cursor);
    this.#scheduleTurn();
  };

  #scheduleTurn(): void {
    if (this.#turnScheduled || this.#ready.length === 0) return;
    this.#turnScheduled = true;
    this.#log.schedule(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    // While the log is down the queue waits; it is woken when the log is back.
    if (!this.#log.available || this.#state === 'over') return;
    const ready = this.#ready;
    this.#ready = [];
    try {
      for (const cursor of ready) {
        cursor.queued = false;
        cursor.run(this.#limits.deliveredRecordsMax, this.#group.groupId);
      }
    } catch (error) {
      this.drop();
      this.#subscription.onCrash(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #close(): Promise<void> {
    await this.#giveUp();
    this.#end();
    this.#group.leave(this);
  }

  async #giveUp(): Promise<void> {
    this.#isGivingUp = true;
    await this.keepOnly([]);
  }

  #end(): void {
    this.#state = 'over';
    this.#stopListening();
    for (const cursor of this.#broadcast) cursor.close();
    this.#onEnd(this);
  }
}
