import { oncePerGraph } from './once-per-graph.ts';
import { type SagaGraph, type StepNode, soleDependency } from './saga-graph.ts';

/** What follows from the edges of a saga; computed once for each graph. */
export interface GraphRelations {
  /** Every step that this one depends on, directly or through others. */
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  /** Every step that depends on this one, directly or through others. */
  readonly descendants: ReadonlyMap<string, ReadonlySet<string>>;
  /** Steps whose rejection some other step depends on, which makes it a branch. */
  readonly handledRejections: ReadonlySet<string>;
  readonly pivot: StepNode | undefined;
  /** Steps that depend on the pivot: they must be brought to an end. */
  readonly afterPivot: ReadonlySet<string>;
  /** Steps that the coordinator may have to ask for, with their inputs, whatever started the saga. */
  readonly requestable: ReadonlySet<string>;
}

export const graphRelations = oncePerGraph(computeRelations);

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
  const ancestors = ancestorsOf(graph);
  return {
    ancestors,
    descendants,
    handledRejections,
    pivot,
    afterPivot: (pivot && descendants.get(pivot.name)) ?? new Set(),
    requestable: requestableSteps(graph, pivot),
  };
}

/**
 * A join is asked for by nobody else, a compensable step to be undone. Once the pivot succeeded, whatever fails is asked
 * for again: also what led to it, of which the success may have come too early to be counted.
 */
function requestableSteps({ steps }: SagaGraph, pivot: StepNode | undefined): ReadonlySet<string> {
  const requestable = steps.filter(
    (step) =>
      soleDependency(step.dependencies) === undefined ||
      step.compensates !== undefined ||
      (pivot !== undefined && step.name !== pivot.name),
  );
  return new Set(requestable.map(({ name }) => name));
}

function ancestorsOf(graph: SagaGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const ancestors = new Map<string, ReadonlySet<string>>();
  for (const { name, dependencies } of graph.steps) {
    const all = new Set<string>();
    for (const { step } of dependencies) {
      if (step === undefined) continue;
      all.add(step);
      for (const further of ancestors.get(step) ?? []) all.add(further);
    }
    ancestors.set(name, all);
  }
  return ancestors;
}
