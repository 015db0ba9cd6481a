import { descendantsOf, type Step } from '../log/definition.ts';
import type { Evidence, Outcome, SagaEvidence } from '../log/evidence.ts';
import { foldLife, type StepStanding, untouched } from '../log/fold-life.ts';
import type { LifeEvent } from '../log/life-event.ts';

/** I3: exactly what succeeded or is in doubt is undone, once each, the last first; nothing before a succeeded pivot. */
export function* compensation({ sagas }: Evidence): Iterable<string> {
  for (const saga of sagas) {
    const { id, life } = saga;
    const isCompensated = life.some(({ type }) => type === 'saga-compensated');
    const faults = [
      ...(isCompensated ? coverageFaults(saga) : keptFaults(saga)),
      ...pivotFaults(saga, isCompensated),
      ...orderFaults(saga),
      ...brokerOrderFaults(saga),
    ];
    for (const fault of faults) yield `${id} ${fault}`;
  }
}

/** Each once, however often it was sent. */
export function compensations({ sagas }: Evidence): number {
  const undone = sagas.flatMap(({ outcomes }) => outcomes.filter((o) => o.kind === 'compensated'));
  return new Set(undone.map(({ id }) => id)).size;
}

const doubt = 'doubt';

function idsOf({ outcomes }: SagaEvidence, step: Step, kind: Outcome['kind']): ReadonlySet<string> {
  return new Set(outcomes.filter((one) => one.step === step && one.kind === kind).map((o) => o.id));
}

function* coverageFaults(saga: SagaEvidence): Iterable<string> {
  const { outcomes, definition, life } = saga;
  for (const step of definition.steps) {
    if (step.compensates === undefined) continue;
    const successes = idsOf(saga, step, 'succeeded');
    const undone = outcomes.filter((one) => one.step === step && one.kind === 'compensated');
    const ids = Map.groupBy(undone, ({ undoes = '' }) => undoes);
    for (const success of successes) {
      if (!ids.has(success)) yield `is compensated, and ${step.name} was not undone`;
    }
    for (const [undoes, answers] of ids) {
      const count = new Set(answers.map(({ id }) => id)).size;
      if (count > 1) yield `undid ${step.name} ${count} times`;
      const isRight = undoes === doubt ? wasInDoubt(life, step) : successes.has(undoes);
      if (!isRight) yield `undid ${step.name}, which had not happened (${undoes})`;
    }
  }
}

function wasInDoubt(life: readonly LifeEvent[], { name }: Step): boolean {
  return life.some(
    (event) =>
      (event.type === 'step-timed-out' && event.step === name) ||
      (event.type === 'step-failed' && event.step === name && event.inDoubt),
  );
}

function* keptFaults({ outcomes, life }: SagaEvidence): Iterable<string> {
  if (!life.some(({ type }) => type === 'saga-completed')) return;
  for (const { step, kind } of outcomes) {
    if (kind === 'compensated') yield `is completed, and ${step.name} was undone`;
  }
}

function* pivotFaults(saga: SagaEvidence, isCompensated: boolean): Iterable<string> {
  const { definition, outcomes } = saga;
  const pivot = definition.steps.find((step) => step.pivot);
  if (pivot === undefined || idsOf(saga, pivot, 'succeeded').size === 0) return;
  const undone = outcomes.filter(({ kind }) => kind === 'compensated');
  if (isCompensated) yield `is compensated, and its pivot ${pivot.name} succeeded`;
  for (const { step } of undone) yield `undid ${step.name} although its pivot succeeded`;
}

/** Compensation never overtakes: whatever came of a step has ended, and is undone, before the step is. */
function* orderFaults({ life, definition }: SagaEvidence): Iterable<string> {
  for (const [index, event] of life.entries()) {
    if (event.type !== 'compensation-requested') continue;
    const { steps = {} } = foldLife(life.slice(0, index)) ?? {};
    for (const later of descendantsOf(definition, event.step)) {
      const standing = steps[later.name] ?? untouched;
      if (wasTriggered(later, steps) && !isQuiet(later, standing)) {
        yield `undid ${event.step} before ${later.name} had come to its end`;
      }
    }
  }
}

function wasTriggered(
  { name, dependencies }: Step,
  steps: Readonly<Record<string, StepStanding>>,
): boolean {
  if ((steps[name]?.requests ?? 0) > 0) return true;
  const [only, ...others] = dependencies;
  if (only?.step === undefined || others.length > 0) return false;
  const upstream = steps[only.step] ?? untouched;
  return only.outcome === 'succeeded'
    ? upstream.successes.length > 0
    : upstream.rejection !== undefined;
}

function isQuiet(step: Step, standing: StepStanding): boolean {
  const { successes, rejection, failures, skipped, undoings } = standing;
  const isUndone = (undoes: string) => undoings[undoes]?.startsWith('compensated') === true;
  if (successes.length > 0) return step.compensates === undefined || successes.every(isUndone);
  return rejection !== undefined || skipped !== undefined || failures.length > 0 || isUndone(doubt);
}

/** The same by the broker's clock, from the events and the requests alone. */
function* brokerOrderFaults({ outcomes, requests, definition }: SagaEvidence): Iterable<string> {
  for (const request of requests) {
    const { ce_type: type, ce_step: name = '', ce_undoes: undoes } = request.headers;
    if (type !== 'troupe.CompensationRequested' || undoes === undefined) continue;
    for (const later of descendantsOf(definition, name)) {
      const last = outcomes.find(
        ({ step, kind, record }) =>
          step === later && kind === 'compensated' && record.timestampMs > request.timestampMs,
      );
      const isRepeat = outcomes.some(
        ({ id, record }) => id === last?.id && record.timestampMs <= request.timestampMs,
      );
      if (last !== undefined && !isRepeat)
        yield `asked to undo ${name} before ${later.name} was undone`;
    }
  }
}
