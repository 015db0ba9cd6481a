import type { OutgoingRecord, Transport } from '@troupe/core';

/** What a transport is said to be able to do; what it is not shows as skipped. */
export interface TransportFeatures {
  /** A claim outlives a rebalance in which its partition number stays with the member. */
  readonly stickyClaims: boolean;
  /** There is an address at which nobody may answer: `openAt` of the fixture is used. */
  readonly addresses: boolean;
}

/** What a test sets in place of a transport's own limits. */
export interface TestedLimits {
  readonly bufferedRecordsMax?: number;
  readonly revokeTimeoutMs?: number;
}

export interface ForeignRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** In order; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
  /** When its producer says that it was made. Default: now. */
  readonly timestampMs?: number;
}

/** A broker, or what stands for one, and processes that use it. One serves all tests of a run. */
export interface TransportFixture {
  /** The shortest session that the broker admits. */
  readonly sessionTimeoutMs: number;
  /** The largest record that the broker takes. */
  readonly recordBytesMax: number;
  /** A transport as a process of its own has it. Tests close it, or crash it. */
  open(limits?: TestedLimits): Transport;
  /** One whose broker is at an address where nobody listens. */
  openAt(address: string): Transport;
  /** Ends what the transport opened as `kill -9` does: the broker hears no more of it. */
  crash(transport: Transport): Promise<void>;
  /** The process sleeps until the broker has given up its sessions, then goes on. */
  loseSessions(transport: Transport): Promise<void>;
  /** From now on what it sends or commits is done, and the answer lost, until the returned function is called. */
  loseAnswers(transport: Transport, to: 'sends' | 'commits'): () => void;
  /**
   * Begins a transaction with `records` and dies before it is committed. It is open for `timeoutMs`, at least a second;
   * default: for longer than a test takes.
   */
  leaveTransactionOpen(
    transactionalId: string,
    records: readonly OutgoingRecord[],
    timeoutMs?: number,
  ): Promise<void>;
  /** Writes as a client in another language may. */
  appendForeign(topic: string, partition: number, record: ForeignRecord): Promise<void>;
  /** The records below `offset` are deleted, as retention does. */
  deleteBefore(topic: string, partition: number, offset: bigint): Promise<void>;
  /** What the group has committed. */
  committed(groupId: string, topic: string, partition: number): Promise<bigint | undefined>;
  /** The broker dies; `bringUp` starts it again with what it had. */
  takeDown(): Promise<void>;
  bringUp(): Promise<void>;
}

export interface TransportSetup {
  setup(): Promise<TransportFixture>;
  teardown(fixture: TransportFixture): Promise<void>;
}
