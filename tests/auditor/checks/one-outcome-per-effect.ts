import { createHash } from 'node:crypto';
import type { Evidence, Outcome, SagaEvidence } from '../log/evidence.ts';
import { placeOf } from '../log/raw-record.ts';

/** I2: an effect has one outcome, which has one id and one content however often it was sent. Failures are not final. */
export function* oneOutcomePerEffect({ sagas }: Evidence): Iterable<string> {
  for (const saga of sagas) {
    const final = saga.outcomes.filter(({ kind }) => kind !== 'failed');
    for (const [effect, outcomes] of Map.groupBy(final, (one) => effectIdOf(saga, one))) {
      const kinds = new Set(outcomes.map(({ kind, id }) => `${kind} ${id}`));
      if (kinds.size > 1) yield `${effect} has ${kinds.size} outcomes: ${[...kinds].join(', ')}`;
      const contents = new Set(outcomes.map(contentOf));
      if (contents.size > kinds.size) yield `${effect} was told in ${contents.size} versions`;
      for (const { id, kind, record } of outcomes) {
        const expected = sha1(`${kind} ${effect}`);
        if (id !== expected) yield `${placeOf(record)} has the id ${id}, not ${expected}`;
      }
    }
  }
}

/** Outcomes that were sent again, which every consumer may drop. */
export function repeatedOutcomes({ sagas }: Evidence): number {
  return sagas.reduce(
    (sum, { outcomes }) => sum + outcomes.length - new Set(outcomes.map(({ id }) => id)).size,
    0,
  );
}

function effectIdOf({ id, definition }: SagaEvidence, { step, kind, undoes }: Outcome): string {
  const action = kind === 'compensated' ? `compensate:${undoes}` : 'execute';
  return `${definition.name}/${step.name}/${action}/0/${id}`;
}

function contentOf({ id, record: { topic, partition, value } }: Outcome): string {
  return `${id} ${topic} ${partition} ${value?.toString('base64')}`;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 32);
}
