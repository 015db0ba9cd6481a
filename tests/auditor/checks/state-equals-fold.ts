import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from '../log/evidence.ts';
import { foldLife } from '../log/fold-life.ts';

/** I10: `troupe.sagas` folded from its start gives what `troupe.state` holds, and each revision is one of its records. */
export function* stateEqualsFold({ sagas }: Evidence): Iterable<string> {
  for (const { id, life, lifeRecords, stored } of sagas) {
    const standing = foldLife(life);
    if (!isDeepStrictEqual(plain(standing), plain(stored?.standing))) {
      yield `${id} folds to ${text(standing)}, and its state is ${text(stored?.standing)}`;
    } else if (stored !== undefined && stored.revision !== lifeRecords.length) {
      yield `${id} has ${lifeRecords.length} life-cycle records, and its state counts ${stored.revision}`;
    }
  }
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? 'gone';
}

/** Without the members that are undefined, which JSON does not know. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
