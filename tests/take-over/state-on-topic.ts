import type { IncomingRecord } from '@troupe/core';
import { internalTopics, type Progress } from '@troupe/core/internal';

export interface StateOnTopic {
  readonly sagas: ReadonlyMap<string, Progress>;
  /** The sagas of which a payload is kept. */
  readonly payloadsOf: ReadonlySet<string>;
}

/** `troupe.state` as anybody reads it: the newest record of each key holds. */
export function stateOnTopic(records: readonly IncomingRecord[]): StateOnTopic {
  const newest = new Map<string, Uint8Array | null>();
  for (const { topic, key, value } of records) {
    if (topic === internalTopics.state) newest.set(textOf(key), value);
  }
  const sagas = new Map<string, Progress>();
  const payloadsOf = new Set<string>();
  for (const [key, value] of newest) {
    if (value === null) continue;
    const [kind, ...rest] = key.split('/');
    if (kind === 'saga') sagas.set(rest.join('/'), JSON.parse(textOf(value)).progress);
    if (kind === 'payload') payloadsOf.add(rest.slice(1).join('/'));
  }
  return { sagas, payloadsOf };
}

function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
