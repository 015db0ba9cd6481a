import type { SagaGraph } from '@troupe/core/internal';

/** Another version of a definition, which sagas of this one have nothing to do with. */
export function otherVersion(graph: SagaGraph): SagaGraph {
  return { ...graph, version: graph.version + 1 };
}
