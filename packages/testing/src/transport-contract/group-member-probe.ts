import type { Claim, Consumer, IncomingRecord, Isolation, Transport } from '@troupe/core';

export interface ProbeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly broadcast?: readonly string[];
  readonly isolation?: Isolation;
  readonly sessionTimeoutMs?: number;
  readonly onAssigned?: (claim: Claim) => void;
  readonly onRecords?: (records: readonly IncomingRecord[], claim: Claim) => void;
  readonly onRevoked?: (claim: Claim) => Promise<void> | void;
  /** Marks as done whatever came or was passed over, at once. */
  readonly marksDone?: boolean;
}

/** A member of a group that keeps what it was given and in which order. */
export class GroupMemberProbe {
  readonly received: IncomingRecord[] = [];
  readonly broadcast: IncomingRecord[] = [];
  readonly crashes: Error[] = [];
  /** `assigned 0`, `revoked 0`, `passed topic[0]`, in order. */
  readonly story: string[] = [];
  /** The newest claim of each partition number. */
  readonly claims = new Map<number, Claim>();
  readonly #options: ProbeOptions;
  #consumer: Consumer | undefined;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  get consumer(): Consumer {
    if (this.#consumer === undefined) throw new Error('the probe has not joined yet');
    return this.#consumer;
  }

  claim(partition: number): Claim {
    const claim = this.claims.get(partition);
    if (claim === undefined) throw new Error(`partition ${partition} was never assigned`);
    return claim;
  }

  /** What came from one topic, or one partition of it. */
  from(topic: string, partition?: number): IncomingRecord[] {
    return this.received.filter(
      (record) =>
        record.topic === topic && (partition === undefined || record.partition === partition),
    );
  }

  async join(transport: Transport, sessionTimeoutMs: number): Promise<void> {
    const { groupId, topics, broadcast, isolation, ...rest } = this.#options;
    this.#consumer = await transport.subscribe({
      groupId,
      topics,
      broadcast: broadcast ?? [],
      isolation: isolation ?? 'read-committed',
      sessionTimeoutMs: rest.sessionTimeoutMs ?? sessionTimeoutMs,
      onAssigned: (claim) => {
        this.story.push(`assigned ${claim.partition}`);
        this.claims.set(claim.partition, claim);
        rest.onAssigned?.(claim);
        const markDone = (topic: string): void => {
          if (rest.marksDone) claim.markDone(topic, claim.position(topic));
        };
        return {
          onRecords: (records) => {
            this.received.push(...records);
            for (const { topic } of records) markDone(topic);
            rest.onRecords?.(records, claim);
          },
          onPassed: (topic) => {
            this.story.push(`passed ${topic}[${claim.partition}]`);
            markDone(topic);
          },
          onRevoked: async () => {
            this.story.push(`revoked ${claim.partition}`);
            await rest.onRevoked?.(claim);
          },
        };
      },
      onBroadcast: (records) => this.broadcast.push(...records),
      onCrash: (error) => this.crashes.push(error),
    });
  }
}
