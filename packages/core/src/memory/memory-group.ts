import { assignPartitionNumbers, type GroupMember } from '../wire/assign-partition-numbers.ts';

/** A member as its group sees it. */
export interface Member {
  /** What it wants to read. */
  readonly topics: readonly string[];
  /** The partition numbers that it holds. */
  readonly partitions: readonly number[];
  /** Resolves when it gave up all other partition numbers. */
  keepOnly(numbers: readonly number[]): Promise<void>;
  /** Takes those of them that are new to it. */
  assign(numbers: readonly number[]): void;
}

/**
 * Owns the members and the committed offsets of one consumer group.
 *
 * 1. A partition number is assigned only after its former holder gave it up.
 * 2. One rebalance runs at a time; what changes meanwhile makes it run once more.
 */
export class MemoryGroup {
  readonly groupId: string;
  readonly #existing: (topic: string) => readonly unknown[];
  readonly #members = new Map<string, Member>();
  readonly #committed = new Map<string, Map<number, number>>();
  #membersEver = 0;
  #rebalancing: Promise<void> | undefined;
  #again = false;

  /** `existing` gives the partitions of a topic, and throws when there is no such topic. */
  constructor(groupId: string, existing: (topic: string) => readonly unknown[]) {
    this.groupId = groupId;
    this.#existing = existing;
  }

  commit(topic: string, partition: number, offset: number): void {
    const offsets = this.#committed.get(topic) ?? new Map<number, number>();
    this.#committed.set(topic, offsets);
    offsets.set(partition, offset);
  }

  committed(topic: string, partition: number): number | undefined {
    return this.#committed.get(topic)?.get(partition);
  }

  /** Resolves when the member has what it is given. */
  async join(member: Member): Promise<void> {
    this.#membersEver += 1;
    this.#members.set(`member-${String(this.#membersEver).padStart(9, '0')}`, member);
    await this.rebalance();
  }

  /** Others get the member's partitions once it gave them up. */
  leave(member: Member): void {
    for (const [id, known] of this.#members) if (known === member) this.#members.delete(id);
    // Whoever leaves does not wait for what the others do with its partitions.
    void this.rebalance();
  }

  rebalance(): Promise<void> {
    this.#again = true;
    this.#rebalancing ??= this.#rebalance();
    return this.#rebalancing;
  }

  async #rebalance(): Promise<void> {
    try {
      while (this.#again) await this.#rebalanceOnce();
    } finally {
      // In the same step as the last look at `#again`: who comes later starts anew.
      this.#rebalancing = undefined;
    }
  }

  async #rebalanceOnce(): Promise<void> {
    this.#again = false;
    const members = [...this.#members].map(([id, member]) => ({
      id,
      topics: member.topics,
      owned: member.partitions,
      member,
    }));
    const { numbers } = assignPartitionNumbers(members, this.#partitionCounts(members));
    await Promise.all(members.map(({ id, member }) => member.keepOnly(numbers.get(id) ?? [])));
    if (this.#again) return;
    for (const { id, member } of members) member.assign(numbers.get(id) ?? []);
  }

  #partitionCounts(members: readonly GroupMember[]): ReadonlyMap<string, number> {
    const topics = new Set(members.flatMap((member) => member.topics));
    return new Map([...topics].map((topic) => [topic, this.#existing(topic).length]));
  }
}
