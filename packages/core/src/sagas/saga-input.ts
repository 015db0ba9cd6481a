import type { SagaRef } from './graph/saga-graph.ts';
import type { InputFault, RequestFault, SkipReason } from './saga-event.ts';

/** What the rules hear of one saga, as plain data. */
export type SagaInput = ArrivedInput | TimePassed | RequestImpossible | InputLost | TimeFault;

/**
 * A record of the log. `atMs` is when the broker appended it (milliseconds since the epoch), so that it is the same whoever
 * reads it, and whenever.
 */
export type ArrivedInput = StartInput | OutcomeInput | UnexpectedInput;

export interface StartInput {
  readonly kind: 'started';
  readonly saga: SagaRef;
  readonly sagaId: string;
  readonly eventId: string;
  readonly atMs: number;
  /** False: the event had no `ce_saga`, so no participant was triggered by it; the coordinator asks for each step. */
  readonly stamped: boolean;
}

interface OutcomeOf {
  readonly saga: SagaRef;
  readonly sagaId: string;
  readonly step: string;
  readonly eventId: string;
  readonly atMs: number;
}

export type OutcomeInput =
  | (OutcomeOf & { readonly kind: 'succeeded' | 'rejected' })
  | (OutcomeOf & {
      readonly kind: 'failed';
      /** False: nothing happened. The handler said so, or was never called. */
      readonly inDoubt: boolean;
      readonly code: string;
      readonly message: string;
    })
  | (OutcomeOf & { readonly kind: 'skipped'; readonly reason: SkipReason })
  | (OutcomeOf & {
      readonly kind: 'compensated';
      /** The id of the success that was undone, or `doubt`. */
      readonly undoes: string;
    })
  | (OutcomeOf & {
      readonly kind: 'compensation-failed';
      readonly undoes: string;
      readonly code: string;
      readonly message: string;
    });

/** An event that carries this saga's reference, but that its definition does not know. */
export interface UnexpectedInput {
  readonly kind: 'unexpected';
  readonly saga: SagaRef;
  readonly sagaId: string;
  readonly type: string;
  readonly eventId: string;
  readonly atMs: number;
}

/**
 * Everything that was appended before `untilMs` is known: only up to then may a time limit be held against anybody. It may
 * lie far back where reading all of that took long.
 */
export interface TimePassed {
  readonly kind: 'time-passed';
  readonly untilMs: number;
}

/** A request that was decided cannot be carried out: only the coordinator knows how large it is, and what is kept. */
export interface RequestImpossible {
  readonly kind: 'request-impossible';
  readonly step: string;
  readonly reason: RequestFault;
}

/** An input could not be folded. It is a dead letter now, and may have been anything. */
export interface InputLost {
  readonly kind: 'input-lost';
  readonly reason: InputFault;
}

/** A time limit passed, and what follows could not be carried out yet. Nothing is lost: it passes again. */
export interface TimeFault {
  readonly kind: 'time-fault';
}
