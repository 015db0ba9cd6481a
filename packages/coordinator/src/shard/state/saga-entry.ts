import type { Progress, TraceHeaders } from '@troupe/core/internal';

/** An event as it was published, kept because it may have to be sent to a participant. */
export interface Payload {
  readonly type: string;
  /** The value of its record: byte 0, schema id, Avro binary. */
  readonly framed: Uint8Array;
}

/** One saga of a shard, in memory. */
export interface SagaEntry {
  /** `sagaKey` of it. */
  readonly key: string;
  readonly name: string;
  readonly sagaId: string;
  progress: Progress;
  /** Life-cycle records written for it so far. */
  revision: number;
  /**
   * The context of its start event, or until that comes of its first one: parent of what is decided by time alone, and of
   * the saga's own span.
   */
  trace: TraceHeaders;
  /** By `payloadName`. */
  readonly payloads: Map<string, Payload>;
  /** Its state record has at most so many bytes; undefined: nobody has measured it. */
  stateBytesMax: number | undefined;
  /** When it next has to hear that time passed. */
  dueMs: number | undefined;
}

/** A saga that begins. */
export function newEntry(name: string, progress: Progress, trace: TraceHeaders): SagaEntry {
  return {
    key: sagaKey(name, progress.sagaId),
    name,
    sagaId: progress.sagaId,
    progress,
    revision: 0,
    trace,
    payloads: new Map(),
    stateBytesMax: undefined,
    dueMs: undefined,
  };
}

/** What identifies a saga within a shard. A saga's name has no slash. */
export function sagaKey(name: string, sagaId: string): string {
  return `${name}/${sagaId}`;
}

export function splitSagaKey(key: string): Pick<SagaEntry, 'name' | 'sagaId'> {
  const slash = key.indexOf('/');
  return { name: key.slice(0, slash), sagaId: key.slice(slash + 1) };
}
