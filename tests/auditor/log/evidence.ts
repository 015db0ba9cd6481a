import { type Definition, definitionsIn, type Step } from './definition.ts';
import type { LifeEvent } from './life-event.ts';
import type { RawRecord } from './raw-record.ts';
import { type StoredSaga, storedSagas } from './state-record.ts';

/** Everything that the log says, by saga. */
export interface Evidence {
  readonly records: readonly RawRecord[];
  readonly sagas: readonly SagaEvidence[];
  /** Records of a saga that its definition does not explain. */
  readonly unexplained: readonly RawRecord[];
  payloadOf(record: RawRecord): Readonly<Record<string, unknown>>;
}

export interface SagaEvidence {
  /** The correlation id. */
  readonly id: string;
  readonly definition: Definition;
  readonly starts: RawRecord[];
  readonly outcomes: Outcome[];
  /** `StepRequested` and `CompensationRequested`. */
  readonly requests: RawRecord[];
  readonly life: LifeEvent[];
  readonly lifeRecords: RawRecord[];
  /** Undefined: there is a tombstone, or nothing. */
  readonly stored: StoredSaga | undefined;
}

export type OutcomeKind = 'succeeded' | 'rejected' | 'compensated' | 'skipped' | 'failed';

export interface Outcome {
  readonly record: RawRecord;
  readonly id: string;
  readonly step: Step;
  readonly kind: OutcomeKind;
  /** Of a compensation: the id of the success, or `doubt`. */
  readonly undoes: string | undefined;
}

export function gatherEvidence(
  records: readonly RawRecord[],
  payloads: ReadonlyMap<RawRecord, unknown>,
): Evidence {
  const definitions = definitionsIn(records);
  const stored = storedSagas(records);
  const sagas = new Map<string, SagaEvidence>();
  const unexplained: RawRecord[] = [];
  for (const record of records) {
    const { key, headers } = record;
    const ref = headers['ce_saga'];
    if (key === null || ref === undefined) continue;
    const definition = definitions.get(ref);
    if (definition === undefined) {
      unexplained.push(record);
      continue;
    }
    const name = `${definition.name}/${key}`;
    const saga = sagas.get(name) ?? {
      id: key,
      definition,
      starts: [],
      outcomes: [],
      requests: [],
      life: [],
      lifeRecords: [],
      stored: stored.get(name),
    };
    sagas.set(name, saga);
    if (!sort(record, saga)) unexplained.push(record);
  }
  return {
    records,
    sagas: [...sagas.values()],
    unexplained,
    payloadOf: (record) => (payloads.get(record) ?? {}) as Readonly<Record<string, unknown>>,
  };
}

/** Whether the definition of its saga explains the record. */
function sort(record: RawRecord, saga: SagaEvidence): boolean {
  const { topic, headers, value } = record;
  if (topic === 'troupe.sagas') {
    saga.lifeRecords.push(record);
    saga.life.push(...(JSON.parse(String(value)) as LifeEvent[]));
    return true;
  }
  if (topic === 'troupe.requests') {
    saga.requests.push(record);
    return true;
  }
  // A dead letter is a finding of its own.
  if (topic.endsWith('.dead-letter')) return true;
  const { ce_type: type, ce_step: stepName, ce_id: id = '', ce_undoes: undoes } = headers;
  if (type === saga.definition.startsOn.type) {
    saga.starts.push(record);
    return true;
  }
  const step = saga.definition.steps.find(({ name }) => name === stepName);
  const kind = step && kindOf(type, step);
  if (step === undefined || kind === undefined) return false;
  saga.outcomes.push({ record, id, step, kind, undoes });
  return true;
}

function kindOf(type: string | undefined, step: Step): OutcomeKind | undefined {
  switch (type) {
    case step.emits.type:
      return 'succeeded';
    case step.rejects?.type:
      return 'rejected';
    case step.compensates?.type:
      return 'compensated';
    case 'troupe.StepSkipped':
      return 'skipped';
    case 'troupe.StepFailed':
      return 'failed';
    default:
      return undefined;
  }
}
