import type { Claims } from '../finding.ts';
import type { Evidence, SagaEvidence } from '../log/evidence.ts';
import { foldLife } from '../log/fold-life.ts';

/** I1: what was acknowledged is there; each start is one saga, and each saga has one end. */
export function* startsAndEnds({ sagas }: Evidence, { acknowledged }: Claims): Iterable<string> {
  const started = new Set(sagas.filter(({ starts }) => starts.length > 0).map(({ id }) => id));
  for (const id of acknowledged) {
    if (!started.has(id)) yield `${id} was acknowledged, and its start event is not in the log`;
  }
  for (const saga of sagas) {
    for (const fault of [...startFaults(saga), ...endFaults(saga)]) yield `${saga.id} ${fault}`;
  }
}

function startFaults({ starts, life }: SagaEvidence): string[] {
  const ids = new Set(starts.map(({ headers }) => headers['ce_id']));
  const begun = life.filter((event) => event.type === 'saga-started');
  if (ids.size === 0) return ['has records, and no start event'];
  if (ids.size > 1) return [`was started by ${ids.size} different events`];
  if (begun.length !== 1) return [`was begun ${begun.length} times`];
  return ids.has(begun[0]?.eventId)
    ? []
    : [`was begun by ${begun[0]?.eventId}, which is not there`];
}

function endFaults({ life }: SagaEvidence): string[] {
  const ends = life.filter(({ type }) => type === 'saga-completed' || type === 'saga-compensated');
  if (ends.length > 1) return [`has ${ends.length} ends`];
  if (ends.length === 1 && life.some(({ type }) => type === 'saga-forgotten')) return [];
  const { phase = 'unknown', stuck } = foldLife(life) ?? {};
  if (stuck !== undefined) return [`is stuck: ${stuck}`];
  return phase === 'completed' || phase === 'compensated' ? [] : [`has no end: it is ${phase}`];
}
