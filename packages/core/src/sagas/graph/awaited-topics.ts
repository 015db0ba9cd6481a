import { eventOfDependency, type SagaGraph, soleDependency } from './saga-graph.ts';

/**
 * The topics whose events may make the coordinator ask for a step while all goes well: those that joins wait for. For all
 * other events the chain goes on without it. Undoing is asked for after events of any topic; it is no race.
 */
export function awaitedTopics(graph: SagaGraph): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const { dependencies } of graph.steps) {
    if (soleDependency(dependencies) !== undefined) continue;
    for (const dependency of dependencies) {
      topics.add((eventOfDependency(graph, dependency) ?? graph.startsOn).topic);
    }
  }
  return topics;
}
