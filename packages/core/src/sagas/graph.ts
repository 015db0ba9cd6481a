import type { SagaGraph, StepNode } from './saga-graph.ts';

/** What follows from the edges of a saga; computed once for each graph. */
export interface GraphRelations {
  readonly stepByName: ReadonlyMap<string, StepNode>;
  /** Every step that depends on this one, directly or through others. */
  readonly descendants: ReadonlyMap<string, ReadonlySet<string>>;
  /** Steps whose rejection some other step depends on, which makes it a branch. */
  readonly handledRejections: ReadonlySet<string>;
  readonly pivot: StepNode | undefined;
  /** Steps that depend on the pivot: they must be brought to an end. */
  readonly afterPivot: ReadonlySet<string>;
}

const relationsOfGraph = new WeakMap<SagaGraph, GraphRelations>();

export function graphRelations(graph: SagaGraph): GraphRelations {
  let relations = relationsOfGraph.get(graph);
  if (relations === undefined) {
    relations = computeRelations(graph);
    relationsOfGraph.set(graph, relations);
  }
  return relations;
}

function computeRelations(graph: SagaGraph): GraphRelations {
  const descendants = new Map<string, Set<string>>(
    graph.steps.map((step) => [step.name, new Set()]),
  );
  const handledRejections = new Set<string>();
  // Backwards through a topological order: what depends on a step has all its own descendants already.
  for (const step of graph.steps.toReversed()) {
    for (const dependency of step.dependencies) {
      if (dependency.step === undefined) continue;
      if (dependency.outcome === 'rejected') handledRejections.add(dependency.step);
      const below = descendants.get(dependency.step);
      below?.add(step.name);
      for (const name of descendants.get(step.name) ?? []) below?.add(name);
    }
  }
  const pivot = graph.steps.find((step) => step.pivot);
  return {
    stepByName: new Map(graph.steps.map((step) => [step.name, step])),
    descendants,
    handledRejections,
    pivot,
    afterPivot: (pivot && descendants.get(pivot.name)) ?? new Set(),
  };
}
