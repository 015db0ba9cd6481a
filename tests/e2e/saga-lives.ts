import { evolve, type Progress, type SagaEvent } from '@troupe/core/internal';
import type { RawRecord } from './raw-log.ts';

/**
 * The sagas as anybody sees them who folds `troupe.sagas` from its start: nothing is asked of a coordinator. Records with
 * an id that was there before are left out, as docs/wire-format.md allows every consumer to do.
 */
export class SagaLives {
  readonly #events = new Map<string, SagaEvent[]>();
  /** Records whose id was there before. */
  readonly repeated: string[] = [];

  constructor(records: readonly RawRecord[]) {
    const seen = new Set<string>();
    for (const { key, value, headers } of records) {
      const id = headers['ce_id'] ?? '';
      if (seen.has(id)) {
        this.repeated.push(id);
        continue;
      }
      seen.add(id);
      const sagaId = key ?? '';
      const life = this.#events.get(sagaId) ?? [];
      this.#events.set(sagaId, life);
      // The decode boundary: the coordinator is the only one who writes here.
      life.push(...(JSON.parse(String(value)) as SagaEvent[]));
    }
  }

  get sagaIds(): readonly string[] {
    return [...this.#events.keys()];
  }

  eventsOf(sagaId: string): readonly SagaEvent[] {
    return this.#events.get(sagaId) ?? [];
  }

  typesOf(sagaId: string): readonly SagaEvent['type'][] {
    return this.eventsOf(sagaId).map(({ type }) => type);
  }

  fold(sagaId: string): Progress | undefined {
    return this.eventsOf(sagaId).reduce<Progress | undefined>(evolve, undefined);
  }

  /** `completed`, `compensated`, `running`, `stuck: pivot-in-doubt`, or undefined where there is no such saga. */
  phaseOf(sagaId: string): string | undefined {
    const progress = this.fold(sagaId);
    return progress?.stuck === undefined ? progress?.phase : `stuck: ${progress.stuck.reason}`;
  }
}
