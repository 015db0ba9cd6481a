import { inDoubt } from '../sagas/effect-id.ts';
import { oncePerGraph } from '../sagas/graph/once-per-graph.ts';
import type { SagaGraph, SagaRef } from '../sagas/graph/saga-graph.ts';
import type { ArrivedInput } from '../sagas/saga-input.ts';
import type { MessageHeaders } from './message-headers.ts';

/** What an event type means in a saga. */
type Meaning =
  | { readonly kind: 'started' }
  | { readonly kind: 'succeeded' | 'rejected' | 'compensated'; readonly step: string };

/** By event type; no two steps emit one type. */
const meanings = oncePerGraph((graph: SagaGraph): ReadonlyMap<string, Meaning> => {
  const all = new Map<string, Meaning>([[graph.startsOn.type, { kind: 'started' }]]);
  for (const { name: step, emits, rejects, compensates } of graph.steps) {
    all.set(emits.type, { kind: 'succeeded', step });
    if (rejects !== undefined) all.set(rejects.type, { kind: 'rejected', step });
    if (compensates !== undefined) all.set(compensates.type, { kind: 'compensated', step });
  }
  return all;
});

/**
 * What a domain event means for its saga, by its headers alone: the coordinator never decodes a domain event.
 * `atMs` is its append time.
 */
export function inputOfEvent(
  graph: SagaGraph,
  saga: SagaRef,
  headers: MessageHeaders,
  atMs: number,
): ArrivedInput {
  const { type, correlationId: sagaId, id: eventId } = headers;
  const meaning = meanings(graph).get(type);
  if (meaning === undefined) return { kind: 'unexpected', saga, sagaId, type, eventId, atMs };
  if (meaning.kind === 'started') {
    const stamped = headers.saga !== undefined;
    return { kind: 'started', saga, sagaId, eventId, atMs, stamped };
  }
  const { kind, step } = meaning;
  return kind === 'compensated'
    ? { kind, saga, sagaId, step, eventId, atMs, undoes: headers.undoes ?? inDoubt }
    : { kind, saga, sagaId, step, eventId, atMs };
}
