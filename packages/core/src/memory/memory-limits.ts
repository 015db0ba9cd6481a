/** What bounds an in-memory log. The names are those of a broker's settings where it has them. */
export interface MemoryLogLimits {
  /** A partition of a topic with cleanup `delete` forgets its oldest records beyond this many. */
  readonly retainedRecordsMax: number;
  /** Records of a compacted partition that are superseded, before it is compacted. */
  readonly supersededRecordsMax: number;
  /** Key, value and headers of one record. */
  readonly recordBytesMax: number;
}

/** What bounds one in-memory transport. */
export interface MemoryTransportLimits {
  /** Records of one producer that are written in one turn; what is beyond waits for the next. */
  readonly bufferedRecordsMax: number;
  /** Records handed to a reader in one call. */
  readonly deliveredRecordsMax: number;
  /** How long a reader may go on with a partition that was revoked. */
  readonly revokeTimeoutMs: number;
  /** A transaction that is open for longer is aborted, and its producer fenced. */
  readonly transactionTimeoutMs: number;
}

export const memoryLogLimits: MemoryLogLimits = {
  retainedRecordsMax: 1_000_000,
  supersededRecordsMax: 10_000,
  recordBytesMax: 1_048_588,
};

export const memoryTransportLimits: MemoryTransportLimits = {
  bufferedRecordsMax: 10_000,
  deliveredRecordsMax: 500,
  revokeTimeoutMs: 10_000,
  transactionTimeoutMs: 10_000,
};
