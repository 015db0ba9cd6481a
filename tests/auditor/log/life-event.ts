/** One entry of a record of `troupe.sagas`: see docs/wire-format.md. */
export type LifeEvent = { readonly atMs: number } & (
  | {
      readonly type: 'saga-started';
      readonly saga: string;
      readonly eventId: string;
      readonly deadlineMs: number;
    }
  | { readonly type: 'saga-awaited'; readonly saga: string }
  | {
      readonly type: 'step-succeeded' | 'step-rejected';
      readonly step: string;
      readonly eventId: string;
    }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly eventId: string;
      readonly inDoubt: boolean;
    }
  | { readonly type: 'step-timed-out'; readonly step: string }
  | { readonly type: 'step-skipped'; readonly step: string; readonly reason: string }
  | {
      readonly type: 'step-requested' | 'cancel-requested';
      readonly step: string;
      readonly requestNumber: number;
    }
  | {
      readonly type: 'compensation-requested';
      readonly step: string;
      readonly undoes: string;
      readonly requestNumber: number;
    }
  | {
      readonly type: 'step-compensated' | 'compensation-failed' | 'compensation-timed-out';
      readonly step: string;
      readonly undoes: string;
    }
  | { readonly type: 'saga-doomed'; readonly cause: string; readonly step?: string }
  | { readonly type: 'saga-stuck'; readonly reason: string; readonly step?: string }
  | { readonly type: 'saga-timed-out' | 'saga-resumed' | 'saga-completed' | 'saga-compensated' }
  | { readonly type: 'saga-forgotten'; readonly reason: string }
  | { readonly type: 'deviation-seen'; readonly deviation: string; readonly detail: string }
);
