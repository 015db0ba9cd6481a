import type { Problem } from '@troupe/core';
import type { WaitingEvents } from './shard/state/waiting-events.ts';

/** What the events of all shards wait for: one problem for each definition. */
export function missingDefinitions(
  shards: readonly WaitingEvents[],
  definitionWaitMs: number,
): Problem[] {
  const missing = Map.groupBy(
    shards.flatMap((waiting) => waiting.missing),
    ({ saga }) => saga,
  );
  return [...missing].map(([saga, parts]) => {
    const events = parts.reduce((sum, part) => sum + part.events, 0);
    const untilMs = Math.min(...parts.map((part) => part.untilMs));
    return {
      code: 'key-waiting',
      subject: saga,
      message: `${events} events wait for the definition of saga ${saga}: start a service that was given it`,
      sinceMs: untilMs - definitionWaitMs,
    };
  });
}
