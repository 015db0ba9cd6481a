import type { Problem } from '@troupe/core';
import type { DefinitionBook } from './definitions/definition-book.ts';
import type { WaitingEvents } from './shard/state/waiting-events.ts';

/** What the events of all shards wait for: one problem for each definition. */
export function missingDefinitions(
  shards: readonly WaitingEvents[],
  definitionWaitMs: number,
  book: Pick<DefinitionBook, 'faultOf'>,
): Problem[] {
  const missing = Map.groupBy(
    shards.flatMap((waiting) => waiting.missing),
    ({ saga }) => saga,
  );
  return [...missing].map(([saga, parts]) => {
    const events = parts.reduce((sum, part) => sum + part.events, 0);
    const untilMs = Math.min(...parts.map((part) => part.untilMs));
    const fault = book.faultOf(saga);
    const way =
      fault === undefined
        ? ': start a service that was given it'
        : `, which is published and not in use: ${fault}`;
    return {
      code: 'key-waiting',
      subject: saga,
      message: `${events} events wait for the definition of saga ${saga}${way}`,
      sinceMs: untilMs - definitionWaitMs,
    };
  });
}
