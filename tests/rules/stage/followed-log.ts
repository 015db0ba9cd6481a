import type { IncomingRecord, Transport } from '@troupe/core';
import { evolve, internalTopics, type Progress, type SagaEvent } from '@troupe/core/internal';

/** A record as a scenario looks at it. */
export interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  /** As text, whatever their bytes are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything that anybody wrote and committed, as somebody sees it who reads all topics from their beginning. */
export class FollowedLog {
  readonly records: SeenRecord[] = [];
  readonly #lives = new Map<string, SagaEvent[]>();

  static async follow(transport: Transport, topics: readonly string[]): Promise<FollowedLog> {
    const log = new FollowedLog();
    await transport.subscribe({
      groupId: 'audience',
      topics,
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: 30_000,
      onAssigned: () => ({
        onRecords: (records) => {
          for (const record of records) log.#read(record);
        },
        onRevoked: async () => undefined,
      }),
      onBroadcast: () => undefined,
      onCrash: (error) => {
        throw error;
      },
    });
    return log;
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

  #read({ topic, partition, key, value, headers }: IncomingRecord): void {
    const record: SeenRecord = {
      topic,
      partition,
      key: key === null ? null : text(key),
      value,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, bytes]) => [name, text(bytes)]),
      ),
    };
    this.records.push(record);
    if (topic !== internalTopics.sagas || value === null) return;
    const id = `${record.headers['ce_saga']?.split('@')[0]}/${record.key}`;
    const life = this.#lives.get(id) ?? [];
    this.#lives.set(id, life);
    // The decode boundary: the coordinator is the only one who writes there.
    life.push(...(JSON.parse(text(value)) as SagaEvent[]));
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
