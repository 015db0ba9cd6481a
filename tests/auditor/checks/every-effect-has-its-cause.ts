import type { Dependency, Step } from '../log/definition.ts';
import type { Evidence, Outcome, SagaEvidence } from '../log/evidence.ts';
import { placeOf, type RawRecord } from '../log/raw-record.ts';

/** I2: a step runs after what it depends on came about, because of an event or a request that is in the log. */
export function* everyEffectHasItsCause({ sagas }: Evidence): Iterable<string> {
  for (const saga of sagas) {
    const byId = new Map<string | undefined, RawRecord>();
    const known = [...saga.starts, ...saga.outcomes.map(({ record }) => record), ...saga.requests];
    // The first one of those that were sent again.
    for (const record of known.toReversed()) byId.set(record.headers['ce_id'], record);
    for (const outcome of saga.outcomes) {
      const cause = byId.get(outcome.record.headers['ce_causationid']);
      const fault = causeFault(saga, outcome, cause) ?? dependencyFault(saga, outcome);
      if (fault !== undefined) {
        yield `${saga.id} ${outcome.step.name} ${outcome.kind} (${placeOf(outcome.record)}): ${fault}`;
      }
    }
  }
}

function causeFault(
  saga: SagaEvidence,
  { step, kind, record }: Outcome,
  cause: RawRecord | undefined,
): string | undefined {
  if (cause === undefined) return 'what caused it is not in the log';
  if (cause.timestampMs > record.timestampMs) return `its cause (${placeOf(cause)}) came later`;
  const { ce_type: type, ce_step: asked } = cause.headers;
  const isRequest = cause.topic === 'troupe.requests';
  if (isRequest && asked !== step.name) return `its cause was asked of ${asked}`;
  if (isRequest) {
    return kind === 'compensated' && type !== 'troupe.CompensationRequested'
      ? 'nobody asked for the compensation'
      : undefined;
  }
  if (kind === 'compensated') return 'its cause is no request';
  const [only, ...others] = step.dependencies;
  if (only === undefined || others.length > 0) return 'a join was triggered by an event';
  return isSatisfiedBy(saga, only, cause) ? undefined : `its cause is a ${type}`;
}

/** Only what was done or refused: a step may be skipped at any time. */
function dependencyFault(saga: SagaEvidence, { step, kind, record }: Outcome): string | undefined {
  if (kind !== 'succeeded' && kind !== 'rejected') return undefined;
  const events = [...saga.starts, ...saga.outcomes.map((outcome) => outcome.record)].filter(
    ({ timestampMs }) => timestampMs <= record.timestampMs,
  );
  const missing = step.dependencies.find(
    (one) => one.required && !events.some((event) => isSatisfiedBy(saga, one, event)),
  );
  return missing && `it ran before ${missing.step ?? 'the start'} ${missing.outcome}`;
}

function isSatisfiedBy(
  { definition }: SagaEvidence,
  { step: name, outcome }: Dependency,
  { headers }: RawRecord,
): boolean {
  const upstream: Step | undefined = definition.steps.find((step) => step.name === name);
  if (upstream === undefined) return headers['ce_type'] === definition.startsOn.type;
  const wanted = outcome === 'succeeded' ? upstream.emits : upstream.rejects;
  return headers['ce_step'] === name && headers['ce_type'] === wanted?.type;
}
