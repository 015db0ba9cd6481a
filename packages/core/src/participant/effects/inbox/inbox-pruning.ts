import { eventAgeMsMax } from '../../../wire/retention.ts';
import type { ServiceParts } from '../../service-parts.ts';

/**
 * How long a row is kept: `inboxRetentionMs`, and never shorter than its event may come again from topics that
 * `topicsOf` made. A group whose offsets were reset reads all of them again, and without its row an effect would be
 * done again.
 */
export function rowsKeptMs({
  definitions,
  limits,
}: Pick<ServiceParts, 'definitions' | 'limits'>): number {
  return Math.max(limits.inboxRetentionMs, eventAgeMsMax(definitions.timeoutMsMax));
}

/** Deletes old inbox rows now and then, until the returned function is called. A failure is logged and tried again later. */
export function pruneInbox(parts: ServiceParts): () => void {
  const { clock, inbox, limits, logger } = parts;
  let cancel: () => void = () => undefined;
  let stopped = false;
  const prune = async (): Promise<void> => {
    try {
      const deleted = await inbox.prune(clock.nowMs() - rowsKeptMs(parts));
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
