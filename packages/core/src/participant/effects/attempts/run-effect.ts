import { NotDone } from '../../../errors/error-kinds.ts';
import type { InboxRow } from '../../../ports/inbox.ts';
import type { LogFields } from '../../../ports/logger.ts';
import type { ProcessTrace } from '../../../tracing/tracing.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { isOutage, Outage } from '../../waiting/outage.ts';
import { Interrupted, type Tenure } from '../../waiting/tenure.ts';
import { findRow, isFinal, recordRow } from '../inbox/inbox-rows.ts';
import { Attempt, EffectAlreadyRecorded } from './attempt.ts';
import { HandlerCall } from './handler-call.ts';
import { type AfterFailure, afterFailure, type RetryPolicy } from './retry-policy.ts';

/** Something that is to happen effectively once: what the attempts at it have in common. */
export interface EffectWork<Result> {
  /** The inbox's key. */
  readonly id: string;
  readonly action: 'execute' | 'compensate' | 'handle';
  /** The step's name, or the event's type. */
  readonly subject: string;
  readonly retry: Partial<RetryPolicy> | undefined;
  /** What its row says of attempts by whoever had it before (ADR 15). Undefined: nobody asks, and nothing is kept. */
  readonly mayHaveHappened: boolean | undefined;
  /** For what is logged about it. */
  readonly fields: () => LogFields;
  /** Calls the user's handler. */
  readonly call: (attempt: Attempt) => Result | Promise<Result>;
  /** What the inbox will hold of the result. Throws when the result is not what was promised. */
  readonly settle: (result: Result, attempt: number) => InboxRow;
}

export type EndedEffect =
  | { readonly kind: 'recorded'; readonly row: InboxRow }
  | {
      readonly kind: 'failed';
      readonly error: unknown;
      readonly attempts: number;
      /** One of the attempts ended without a word that it did nothing, or has not ended. */
      readonly mayHaveHappened: boolean;
    };

/**
 * Attempts an effect until it is recorded, fails for good, or its attempts are used up. While it waits between attempts
 * it takes no handler's slot. Rejects with `Interrupted` when the tenure ends before.
 *
 * Invariant
 * 1. It waits for another attempt, or leaves that to another instance, only once its row says that it may have happened,
 *    where it may: whoever comes next counts from 1 and believes its own `NotDone`.
 */
export async function runEffect<Result>(
  parts: ServiceParts,
  effect: EffectWork<Result>,
  trace: ProcessTrace,
  tenure: Tenure,
): Promise<EndedEffect> {
  let outage: Outage | undefined;
  let mayHaveHappened = effect.mayHaveHappened ?? false;
  let isDoubtKept = effect.mayHaveHappened !== false;
  let number = 1;
  try {
    for (;;) {
      const tried = await tryOnce(parts, effect, number, trace, tenure);
      if ('row' in tried) return { kind: 'recorded', row: tried.row };
      const { error, left } = tried;
      // `NotDone` speaks for its own attempt, not for those before it.
      mayHaveHappened ||= !(error instanceof NotDone);
      const next = afterAttempt(parts, effect, number, error);
      if (typeof next === 'object' && !next.retry) {
        return { kind: 'failed', error, attempts: number, mayHaveHappened };
      }
      if (mayHaveHappened && !isDoubtKept) {
        const row = await keepDoubt(parts, effect.id, tenure); // invariant 1
        if (isFinal(row) && next !== 'hand-over') return { kind: 'recorded', row };
        isDoubtKept = true;
      }
      if (next === 'hand-over') throw error;
      if (next === 'outage') {
        outage ??= new Outage(parts, `${effect.action} ${effect.subject}`);
        await outage.wait(error, tenure, 'ending'); // it is no attempt of the handler's
        continue;
      }
      reportRetry(parts, effect, number, next.delayMs, error, trace);
      await tenure.wait(parts.clock, next.delayMs, 'ending');
      if (left) {
        const row = await findRow(parts, tenure, effect.id); // it may have come to its end meanwhile
        if (row !== undefined && isFinal(row)) return { kind: 'recorded', row };
      }
      number += 1;
    }
  } finally {
    outage?.end();
  }
}

type Tried = { readonly row: InboxRow } | { readonly error: unknown; readonly left: boolean };

async function tryOnce<Result>(
  parts: ServiceParts,
  effect: EffectWork<Result>,
  number: number,
  trace: ProcessTrace,
  tenure: Tenure,
): Promise<Tried> {
  const { checkpoint } = parts;
  if (checkpoint !== undefined) await checkpoint('attempt-begins');
  const attempt = new Attempt(number, effect.id, parts);
  const handlerCall = new HandlerCall(parts, tenure, attempt, effect);
  const waits = handlerCall.takeSlot();
  if (waits !== undefined) await waits;
  const { action, subject } = effect;
  const span = trace.attempt({ action, subject, attempt: number });
  try {
    const called = handlerCall.call(() => span.run(() => effect.call(attempt)));
    const result = called instanceof Promise ? await called : called;
    if (checkpoint !== undefined) await checkpoint('attempt-ended');
    // What its transaction committed is the outcome, whatever it returned after that.
    if (attempt.row !== undefined) return { row: attempt.row };
    const row = recordRow(parts, tenure, effect.id, effect.settle(result, number));
    return { row: row instanceof Promise ? await row : row };
  } catch (error) {
    // A handler that was left in the middle may have done something, and nothing says so yet.
    const isUntold = attempt.left && attempt.row === undefined;
    if (error instanceof Interrupted && !isUntold) throw error;
    if (attempt.row !== undefined) {
      if (!(error instanceof EffectAlreadyRecorded)) {
        const text = `${action} ${subject} threw after its transaction was committed: the effect counts`;
        parts.logger.warn(text, { ...effect.fields(), error });
      }
      return { row: attempt.row };
    }
    // It may have left a transaction behind, which nobody would hear of.
    attempt.giveUp(error instanceof Error ? error : new Error(String(error)));
    span.fail(error);
    return { error, left: attempt.left };
  } finally {
    span.end();
  }
}

/** The row of an effect that may have happened and is to be attempted again; or the final one, where it did happen. */
async function keepDoubt(parts: ServiceParts, id: string, tenure: Tenure): Promise<InboxRow> {
  const { clock, checkpoint } = parts;
  const doubt = { status: 'failed', outcome: undefined, recordedAtMs: clock.nowMs() } as const;
  const row = await recordRow(parts, tenure, id, doubt);
  if (checkpoint !== undefined) await checkpoint('doubt-recorded');
  return row;
}

function afterAttempt(
  parts: ServiceParts,
  { retry }: Pick<EffectWork<unknown>, 'retry'>,
  number: number,
  error: unknown,
): AfterFailure | 'outage' | 'hand-over' {
  if (error instanceof Interrupted) return 'hand-over';
  if (isOutage(error)) return 'outage';
  const { limits, random } = parts;
  const policy = policyOf(parts, retry);
  return afterFailure(error, number, policy, limits.retryAfterMsMax, random.fraction());
}

function policyOf({ limits }: ServiceParts, own: Partial<RetryPolicy> | undefined): RetryPolicy {
  return {
    attemptsMax: own?.attemptsMax ?? limits.attemptsMax,
    firstDelayMs: own?.firstDelayMs ?? limits.retryFirstDelayMs,
    delayMsMax: own?.delayMsMax ?? limits.retryDelayMsMax,
  };
}

function reportRetry(
  { logger }: ServiceParts,
  { action, subject, fields }: Pick<EffectWork<unknown>, 'action' | 'subject' | 'fields'>,
  attempt: number,
  delayMs: number,
  error: unknown,
  trace: ProcessTrace,
): void {
  const message = error instanceof Error ? error.message : String(error);
  trace.event('retry', { 'troupe.attempt': attempt, 'troupe.retry.delay_ms': delayMs, message });
  logger.warn(`${action} ${subject} failed, tried again in ${delayMs} ms`, {
    ...fields(),
    attempt,
    delayMs,
    error,
  });
}
