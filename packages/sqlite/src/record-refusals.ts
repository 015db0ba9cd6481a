import { TerminalError, TroupeError } from '@troupe/core';

export function asynchronousWork(effectId: string): TerminalError {
  return new TerminalError(
    `the work of ${effectId} returned a promise, so nothing of it was written: SQLite's transaction is synchronous, and whatever else runs during an await would be part of it. Await what you need first, then change the tables in a function without await.`,
    { details: { effectId } },
  );
}

export function endedTransaction(effectId: string, cause: unknown): TerminalError {
  return new TerminalError(
    `the work of ${effectId} ended the transaction that it ran in, so it was not recorded: leave COMMIT and ROLLBACK out of it. To give up, throw.`,
    { cause, details: { effectId } },
  );
}

export function nestedRecord(effectId: string): TerminalError {
  return new TerminalError(
    `${effectId} cannot be recorded inside the work of another effect: an effect has one transaction of its own. Return from the first work, then record the second.`,
    { details: { effectId } },
  );
}

export function overloaded(effectId: string, queuedRecordsMax: number): TroupeError {
  return new TroupeError(
    'limit-exceeded',
    `${effectId} was not recorded: ${queuedRecordsMax} records wait for the disk already. Try again, and limit the events in flight.`,
    { retryable: true, details: { effectId, queuedRecordsMax } },
  );
}
