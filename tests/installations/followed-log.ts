import type { IncomingRecord, Transport } from '@troupe/core';
import {
  evolve,
  internalTopics,
  type Progress,
  parseSagaRef,
  readMessageHeaders,
  type SagaEvent,
} from '@troupe/core/internal';
import { readAll } from '@troupe/testing/ports';

/** A record as a test looks at it. */
export interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  /** As text, whatever their bytes are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** Everything that anybody wrote and committed, as somebody sees it who reads all topics from their beginning. */
export class FollowedLog {
  readonly records: SeenRecord[] = [];
  /** By saga name and id. */
  readonly #lives = new Map<string, SagaEvent[]>();

  async follow(transport: Transport, topics: readonly string[]): Promise<void> {
    const onRecord = (record: IncomingRecord) => this.#read(record);
    await readAll(transport, { groupId: 'audience', topics, onRecord });
  }

  of(topic: string, key: string): readonly SeenRecord[] {
    return this.records.filter((record) => record.topic === topic && record.key === key);
  }

  /** What became of a saga, in order, by `troupe.sagas`. */
  lifeOf(sagaName: string, sagaId: string): readonly SagaEvent[] {
    return this.#lives.get(`${sagaName}/${sagaId}`) ?? [];
  }

  progressOf(sagaName: string, sagaId: string): Progress | undefined {
    return this.lifeOf(sagaName, sagaId).reduce<Progress | undefined>(evolve, undefined);
  }

  #read(record: IncomingRecord): void {
    this.records.push(seenRecord(record));
    const { topic, key, value } = record;
    if (topic !== internalTopics.sagas || value === null) return;
    const headers = readMessageHeaders(record.headers, key);
    if ('fault' in headers) throw new Error(headers.fault);
    const name = headers.saga && parseSagaRef(headers.saga)?.name;
    const id = `${name}/${headers.correlationId}`;
    const life = this.#lives.get(id) ?? [];
    this.#lives.set(id, life);
    // The decode boundary: the coordinator is the only one who writes there.
    life.push(...(JSON.parse(textOf(value)) as SagaEvent[]));
  }
}

export function seenRecord({ key, headers, ...record }: IncomingRecord): SeenRecord {
  const { topic, partition, value, timestampMs } = record;
  return {
    topic,
    partition,
    key: key === null ? null : textOf(key),
    value,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, bytes]) => [name, textOf(bytes)]),
    ),
    timestampMs,
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
