import type { LifeEvent } from './life-event.ts';

/** Where a saga stands, by its life-cycle events alone. */
export interface Standing {
  readonly saga: string;
  readonly phase: string;
  readonly sinceMs: number;
  readonly startEventId: string | undefined;
  readonly doom: string | undefined;
  readonly stuck: string | undefined;
  readonly deviations: number;
  readonly steps: Steps;
  /** What came before the start of other definitions, by them. */
  readonly others: Readonly<Record<string, Steps>>;
}

export type Steps = Readonly<Record<string, StepStanding>>;

export interface StepStanding {
  readonly successes: readonly string[];
  readonly rejection: string | undefined;
  readonly failures: readonly string[];
  readonly timedOut: boolean;
  readonly skipped: string | undefined;
  readonly requests: number;
  readonly cancelRequests: number;
  /** By what is undone: `requested 1`, `compensated 1`. */
  readonly undoings: Readonly<Record<string, string>>;
}

export const untouched: StepStanding = {
  successes: [],
  rejection: undefined,
  failures: [],
  timedOut: false,
  skipped: undefined,
  requests: 0,
  cancelRequests: 0,
  undoings: {},
};

/** Undefined: there is no such saga, or it was forgotten. Written from docs/wire-format.md, not from Troupe's own fold. */
export function foldLife(events: readonly LifeEvent[]): Standing | undefined {
  return events.reduce<Standing | undefined>(folded, undefined);
}

function folded(standing: Standing | undefined, event: LifeEvent): Standing | undefined {
  switch (event.type) {
    case 'saga-awaited':
    case 'saga-started': {
      const starts = event.type === 'saga-started';
      const early = standing ? { ...standing.others, [standing.saga]: standing.steps } : {};
      const others = Object.entries(early).filter(
        ([saga, steps]) => saga !== event.saga && Object.keys(steps).length > 0,
      );
      return {
        saga: event.saga,
        phase: starts ? 'running' : 'awaited',
        sinceMs: starts ? event.atMs : Math.min(standing?.sinceMs ?? event.atMs, event.atMs),
        startEventId: starts ? event.eventId : undefined,
        doom: undefined,
        stuck: undefined,
        deviations: standing?.deviations ?? 0,
        // Outcomes that came early count if they are of this definition.
        steps: early[event.saga] ?? {},
        others: starts ? {} : Object.fromEntries(others),
      };
    }
    case 'saga-forgotten':
      return undefined;
    default:
      return standing === undefined ? undefined : foldedKnown(standing, event);
  }
}

type EventOfKnown = Exclude<
  LifeEvent,
  { type: 'saga-awaited' | 'saga-started' | 'saga-forgotten' }
>;

function foldedKnown(standing: Standing, event: EventOfKnown): Standing {
  switch (event.type) {
    case 'saga-completed':
    case 'saga-compensated': {
      const phase = event.type.slice('saga-'.length);
      return { ...standing, phase, sinceMs: event.atMs, stuck: undefined };
    }
    case 'saga-doomed':
      return { ...standing, doom: at(event.cause, event.step) };
    case 'saga-stuck':
      return { ...standing, stuck: at(event.reason, event.step) };
    case 'saga-resumed':
      return { ...standing, stuck: undefined };
    case 'saga-timed-out':
      return standing;
    case 'deviation-seen':
      return { ...standing, deviations: standing.deviations + 1 };
    default: {
      const before = standing.steps[event.step] ?? untouched;
      const ended = standing.phase === 'completed' || standing.phase === 'compensated';
      return {
        ...standing,
        // A success after the end opens the saga again.
        ...(ended && event.type === 'step-succeeded' ? { phase: 'running' } : {}),
        steps: { ...standing.steps, [event.step]: foldedStep(before, event) },
      };
    }
  }
}

function foldedStep(
  step: StepStanding,
  event: Extract<
    EventOfKnown,
    { readonly step: string; type: `step-${string}` | `com${string}` | `can${string}` }
  >,
): StepStanding {
  switch (event.type) {
    case 'step-succeeded':
      return { ...step, successes: [...step.successes, event.eventId].sort() };
    case 'step-rejected':
      return { ...step, rejection: [step.rejection ?? event.eventId, event.eventId].sort()[0] };
    case 'step-failed':
      return { ...step, failures: [...step.failures, event.eventId].sort() };
    case 'step-timed-out':
      return { ...step, timedOut: true };
    case 'step-skipped':
      return { ...step, skipped: step.skipped === 'condition' ? 'condition' : event.reason };
    case 'step-requested':
      return { ...step, requests: event.requestNumber, timedOut: false };
    case 'cancel-requested':
      return { ...step, cancelRequests: event.requestNumber };
    case 'compensation-requested':
      return withUndoing(step, event.undoes, `requested ${event.requestNumber}`);
    case 'step-compensated':
      return withUndoing(step, event.undoes, `compensated ${requestsOf(step, event.undoes)}`);
    case 'compensation-failed':
      return withUndoing(step, event.undoes, `failed ${requestsOf(step, event.undoes)}`);
    case 'compensation-timed-out':
      return withUndoing(step, event.undoes, `timed-out ${requestsOf(step, event.undoes)}`);
  }
}

function withUndoing(step: StepStanding, undoes: string, state: string): StepStanding {
  return { ...step, undoings: { ...step.undoings, [undoes]: state } };
}

/** Which request of it this is about: 0 where nobody asked. */
function requestsOf({ undoings }: StepStanding, undoes: string): string {
  return undoings[undoes]?.split(' ')[1] ?? '0';
}

/** As in `rejected: ship-order`. */
export function at(what: string, step: string | undefined): string {
  return step === undefined ? what : `${what}: ${step}`;
}
