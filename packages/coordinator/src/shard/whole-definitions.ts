import type { SagaGraph, SagaRef } from '@troupe/core/internal';
import { type DefinitionBook, topicsOfGraph } from '../definitions/definition-book.ts';

/**
 * The definitions of which a shard reads all topics. One that was admitted later is not among them until the shard was
 * given its topics: an outcome that came in time may lie there unread, so no time limit of its sagas may pass (rule 11).
 */
export function wholeDefinitions(
  book: Pick<DefinitionBook, 'get'>,
  inputs: readonly string[],
): (saga: SagaRef) => SagaGraph | undefined {
  const read = new Set(inputs);
  const isWhole = new Map<SagaRef, boolean>();
  return (saga) => {
    const graph = book.get(saga);
    if (graph === undefined) return undefined;
    let whole = isWhole.get(saga);
    if (whole === undefined) {
      whole = topicsOfGraph(graph).every((topic) => read.has(topic));
      isWhole.set(saga, whole);
    }
    return whole ? graph : undefined;
  };
}
