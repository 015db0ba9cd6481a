import { internalTopics, type Progress } from '@troupe/core/internal';
import type { SeenRecord } from './followed-log.ts';

export interface StateOnTopic {
  readonly sagas: ReadonlyMap<string, Progress>;
  /** The sagas of which a payload is kept. */
  readonly payloadsOf: ReadonlySet<string>;
}

/** `troupe.state` as anybody reads it: the newest record of each key holds. */
export function stateOnTopic(records: readonly SeenRecord[]): StateOnTopic {
  const newest = new Map<string, Uint8Array | null>();
  for (const { topic, key, value } of records) {
    if (topic === internalTopics.state) newest.set(key ?? '', value);
  }
  const sagas = new Map<string, Progress>();
  const payloadsOf = new Set<string>();
  for (const [key, value] of newest) {
    if (value === null) continue;
    const [kind, ...rest] = key.split('/');
    if (kind === 'saga')
      sagas.set(rest.join('/'), JSON.parse(Buffer.from(value).toString('utf8')).progress);
    if (kind === 'payload') payloadsOf.add(rest.slice(1).join('/'));
  }
  return { sagas, payloadsOf };
}
