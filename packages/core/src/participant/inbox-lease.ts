import type { Inbox } from '../ports/inbox.ts';

/**
 * Who has a service's inbox open: one run of the service at a time, from before its start until its stop has ended. All
 * runs have the same inbox, so that one that was given up, and ends late, would close it for the one after it.
 */
export class InboxLease {
  /** Settles when whoever came last has given it back. */
  #free: Promise<void> = Promise.resolve();

  /**
   * Opens the inbox when nobody has it any more, however long that takes, and gives what closes it. Rejects as its start
   * does, or with the signal's reason when it is too late by then.
   */
  async open(inbox: Inbox, signal: AbortSignal): Promise<() => Promise<void>> {
    const before = this.#free;
    const { promise, resolve: giveBack } = Promise.withResolvers<void>();
    this.#free = before.then(() => promise);
    await before;
    try {
      signal.throwIfAborted();
      await inbox.start();
    } catch (error) {
      giveBack();
      throw error;
    }
    return async () => {
      try {
        await inbox.stop();
      } finally {
        giveBack();
      }
    };
  }
}
