import { types } from 'node:util';
import { ConfigurationError, RetryableError, TerminalError } from '../../../errors/error-kinds.ts';
import { TroupeError } from '../../../errors/troupe-error.ts';
import type { Inbox, InboxRow } from '../../../ports/inbox.ts';
import type { ServiceParts } from '../../service-parts.ts';

/** Thrown out of `ctx.transaction` when the effect was done before: the handler's work was not run. */
export class EffectAlreadyRecorded extends TroupeError {
  constructor(effectId: string) {
    super('conflict', `effect ${effectId} is in the inbox already: its work was not run again`);
  }
}

type AttemptParts = Pick<ServiceParts, 'name' | 'inbox' | 'hasInbox' | 'checkpoint'>;

/**
 * One call of a handler, and what came of its local transaction.
 *
 * Invariants
 * 1. Once it was given up no transaction of it is begun, and none whose work has not ended is committed. Work that had
 *    ended before may be committed after it.
 * 2. `row` is what the inbox holds after the transaction, whether this attempt wrote it or found it.
 */
export class Attempt {
  /** From 1. */
  readonly number: number;
  readonly #effectId: string;
  readonly #parts: AttemptParts;
  #row: InboxRow | undefined;
  #controller: AbortController | undefined;
  #givenUp: Error | undefined;
  #left = false;
  #hasCommitted = false;

  constructor(number: number, effectId: string, parts: AttemptParts) {
    this.number = number;
    this.#effectId = effectId;
    this.#parts = parts;
  }

  /** Of the local transaction; undefined when there was none, or it was rolled back. */
  get row(): InboxRow | undefined {
    return this.#row;
  }

  /** Made when first asked for: many handlers never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#givenUp !== undefined) this.#controller.abort(this.#givenUp);
    }
    return this.#controller.signal;
  }

  /** It outran its time and was left to itself: it may still come to an end. */
  get left(): boolean {
    return this.#left;
  }

  leave(): void {
    this.#left = true;
  }

  giveUp(reason: Error): void {
    this.#givenUp ??= reason;
    this.#controller?.abort(reason);
  }

  /** Runs `work` in the inbox's transaction, together with the row that `settle` makes of its result. */
  async transaction<Tx, Result>(
    inbox: Inbox<Tx>,
    work: (tx: Tx) => Result | Promise<Result>,
    settle: (result: Result) => InboxRow,
  ): Promise<Result> {
    this.#assertUsable(inbox);
    let done: { readonly result: Result } | undefined;
    // Not async: an inbox whose transactions are synchronous takes synchronous work only.
    const finish = (result: Result): InboxRow | Promise<InboxRow> => {
      this.#assertNotGivenUp(); // invariant 1
      done = { result };
      const row = settle(result);
      const waits = this.#parts.checkpoint?.('before-local-commit');
      return waits === undefined ? row : waits.then(() => row);
    };
    const run = (tx: Tx): InboxRow | Promise<InboxRow> => {
      const result = work(tx);
      return result instanceof Promise ? result.then(finish) : finish(result);
    };
    // Asynchronous where `work` is: such an inbox refuses what says so before any of it runs.
    const isAsync = types.isAsyncFunction(work);
    const row = await inbox.record(this.#effectId, isAsync ? async (tx) => run(tx) : run);
    this.#row = row; // invariant 2
    this.#hasCommitted = done !== undefined;
    return resultOf(done, this.#effectId);
  }

  #assertUsable(inbox: Inbox<unknown>): void {
    this.#assertNotGivenUp();
    if (this.#hasCommitted) {
      throw new TerminalError(
        `ctx.transaction was called again after the transaction of effect ${this.#effectId} was committed, so its work was not run: an effect has one transaction, do all of the work in it`,
      );
    }
    if (inbox === this.#parts.inbox) return;
    const what = this.#parts.hasInbox
      ? 'another inbox than the one that the service was created with'
      : 'an inbox, but the service was created without one';
    throw new ConfigurationError(
      `ctx.transaction of service ${this.#parts.name} was given ${what}: give createService({ inbox }) and ctx.transaction the same`,
    );
  }

  #assertNotGivenUp(): void {
    if (this.#givenUp === undefined) return;
    throw new RetryableError(`${this.#givenUp.message}: its transaction is refused`, {
      code: 'attempt-timed-out',
      cause: this.#givenUp,
    });
  }
}

function resultOf<Result>(done: { readonly result: Result } | undefined, effectId: string): Result {
  if (done === undefined) throw new EffectAlreadyRecorded(effectId);
  return done.result;
}
