import type { SagaRef } from './graph/saga-graph.ts';

/**
 * What became of one saga, in order: the records of `troupe.sagas`. Each is either a fact that was accepted or a
 * decision that was taken. Folded with `evolve` they give the coordinator's live state.
 */
export type SagaEvent = (SagaFact | SagaDecision) & { readonly atMs: number };

export type SagaFact =
  | {
      readonly type: 'saga-started';
      readonly saga: SagaRef;
      readonly sagaId: string;
      readonly eventId: string;
      readonly stamped: boolean;
      readonly deadlineMs: number;
    }
  /** An outcome came before its start; it waits for it. */
  | { readonly type: 'saga-awaited'; readonly saga: SagaRef; readonly sagaId: string }
  | { readonly type: 'step-succeeded'; readonly step: string; readonly eventId: string }
  | { readonly type: 'step-rejected'; readonly step: string; readonly eventId: string }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly eventId: string;
      readonly inDoubt: boolean;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'step-timed-out'; readonly step: string }
  | { readonly type: 'step-skipped'; readonly step: string; readonly reason: SkipReason }
  | { readonly type: 'step-compensated'; readonly step: string; readonly undoes: string }
  | {
      readonly type: 'compensation-failed';
      readonly step: string;
      readonly undoes: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'compensation-timed-out'; readonly step: string; readonly undoes: string }
  | { readonly type: 'saga-timed-out' }
  | { readonly type: 'deviation-seen'; readonly deviation: Deviation; readonly detail: string };

export type SagaDecision =
  | { readonly type: 'step-requested'; readonly step: string; readonly requestNumber: number }
  | { readonly type: 'cancel-requested'; readonly step: string; readonly requestNumber: number }
  | {
      readonly type: 'compensation-requested';
      readonly step: string;
      readonly undoes: string;
      readonly requestNumber: number;
    }
  | { readonly type: 'saga-doomed'; readonly cause: DoomCause; readonly step?: string | undefined }
  | {
      readonly type: 'saga-stuck';
      readonly reason: StuckReason;
      readonly step?: string | undefined;
    }
  | { readonly type: 'saga-resumed' }
  | { readonly type: 'saga-completed' }
  | { readonly type: 'saga-compensated' }
  /** Its end marker, or its provisional outcomes, were kept long enough. */
  | { readonly type: 'saga-forgotten'; readonly reason: 'ended' | 'never-started' };

/** `condition`: its `when` was false. `cancelled`: the coordinator asked that it does not run. */
export type SkipReason = 'condition' | 'cancelled';

export type DoomCause =
  | 'rejected'
  | 'failed'
  | 'timed-out'
  | 'contradictory-outcomes'
  | 'pivot-skipped'
  | 'saga-timed-out';

export type StuckReason =
  | 'pivot-in-doubt'
  | 'failed-after-pivot'
  | 'contradictory-outcomes'
  | 'compensation-failed'
  | 'compensation-timed-out'
  | 'step-in-doubt'
  | 'late-success'
  | 'cancelled-before-pivot'
  | 'rejected-beside-pivot'
  /** What follows from a time limit could not be carried out. It is tried again. */
  | 'time-fault'
  /** With a step. */
  | RequestFault
  /** Without a step. */
  | InputFault;

/** Why a request could not be made: it is larger than a record may be, or an event that it needs was not kept. */
export type RequestFault = 'too-large' | 'payload-missing';

/** Why an input could not be folded: the saga would be larger than it may be, or nobody knows. Its dead letter says more. */
export type InputFault = 'too-large' | 'internal-fault';

/** What no definition expects: visible, never fatal. */
export type Deviation =
  | 'unexpected-event'
  | 'second-start'
  | 'other-definition'
  | 'contradictory-outcomes'
  | 'late-outcome'
  | 'too-many-successes'
  | 'too-many-failures';
