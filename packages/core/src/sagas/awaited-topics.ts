import { type SagaGraph, stepNamed } from './saga-graph.ts';

/**
 * The topics whose events may make the coordinator ask for a step while all goes well: those that joins wait for. For all
 * other events the chain goes on without it. Undoing is asked for after events of any topic; it is no race.
 */
export function awaitedTopics(graph: SagaGraph): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const { dependencies } of graph.steps) {
    if (dependencies.length < 2) continue;
    for (const { step, outcome } of dependencies) {
      const upstream = step === undefined ? undefined : stepNamed(graph, step);
      const event = outcome === 'rejected' ? upstream?.rejects : upstream?.emits;
      topics.add((event ?? graph.startsOn).topic);
    }
  }
  return topics;
}
