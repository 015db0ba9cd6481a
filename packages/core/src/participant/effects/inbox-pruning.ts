import type { Participant } from '../participant.ts';

/** Deletes old inbox rows now and then, until the returned function is called. A failure is logged and tried again later. */
export function pruneInbox({ clock, inbox, limits, logger }: Participant): () => void {
  let cancel: () => void = () => undefined;
  let stopped = false;
  const prune = async (): Promise<void> => {
    try {
      const deleted = await inbox.prune(clock.nowMs() - limits.inboxRetentionMs);
      if (deleted > 0) logger.debug('old inbox rows are deleted', { deleted });
    } catch (error) {
      logger.warn('old inbox rows could not be deleted, tried again later', { error });
    }
    schedule();
  };
  const schedule = (): void => {
    if (stopped) return;
    cancel = clock.after(limits.inboxPruneEveryMs, () => void prune());
  };
  schedule();
  return () => {
    stopped = true;
    cancel();
  };
}
