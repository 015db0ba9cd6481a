import { DefinitionError } from '../errors/error-kinds.ts';
import type { SagaGraph, StepNode } from './saga-graph.ts';

/** What follows from the edges of a saga; computed once for each graph. */
export interface GraphRelations {
  readonly stepByName: ReadonlyMap<string, StepNode>;
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
  const ancestors = ancestorsOf(graph);
  return {
    stepByName: new Map(graph.steps.map((step) => [step.name, step])),
    ancestors,
    descendants,
    handledRejections,
    pivot,
    afterPivot: (pivot && descendants.get(pivot.name)) ?? new Set(),
    requestable: requestableSteps(graph, pivot, ancestors),
  };
}

/**
 * A join is asked for by nobody else, a compensable step to be undone. Once the pivot succeeded, whatever fails beside
 * or after it is asked for again; the pivot and what led to it have succeeded then.
 */
function requestableSteps(
  { steps }: SagaGraph,
  pivot: StepNode | undefined,
  ancestors: GraphRelations['ancestors'],
): ReadonlySet<string> {
  const leadsToPivot = ({ name }: StepNode): boolean =>
    pivot === undefined || name === pivot.name || ancestors.get(pivot.name)?.has(name) === true;
  const requestable = steps.filter(
    (step) => step.dependencies.length > 1 || step.compensates !== undefined || !leadsToPivot(step),
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

/**
 * Steps so that each comes after everything it depends on, otherwise in the order given. Throws when they depend on each
 * other in a circle, which steps as values cannot.
 */
export function topologicalOrder(steps: readonly StepNode[]): StepNode[] {
  const ordered: StepNode[] = [];
  let waiting = [...steps];
  while (waiting.length > 0) {
    const unplaced = new Set(waiting.map(({ name }) => name));
    const next = waiting.find(({ dependencies }) =>
      dependencies.every(({ step }) => step === undefined || !unplaced.has(step)),
    );
    if (next === undefined) {
      throw new DefinitionError('saga', [
        `steps depend on each other in a circle: ${[...unplaced].join(', ')}`,
      ]);
    }
    ordered.push(next);
    waiting = waiting.filter((step) => step !== next);
  }
  return ordered;
}

/** The chain of steps that decides how long a saga takes. */
export interface CriticalPath {
  readonly steps: readonly string[];
  readonly durationMs: number;
}

/**
 * The longest chain through a saga. `durationMsOf` is what a step takes: its time limit unless something better, such as a
 * measured duration, is given.
 */
export function criticalPath(
  graph: SagaGraph,
  durationMsOf: (step: StepNode) => number = ({ timeoutMs }) => timeoutMs,
): CriticalPath {
  const pathTo = new Map<string, CriticalPath>();
  let longest: CriticalPath = { steps: [], durationMs: 0 };
  for (const step of graph.steps) {
    let before: CriticalPath = { steps: [], durationMs: 0 };
    for (const { step: upstream } of step.dependencies) {
      const path = upstream === undefined ? undefined : pathTo.get(upstream);
      if (path !== undefined && path.durationMs >= before.durationMs) before = path;
    }
    const path = {
      steps: [...before.steps, step.name],
      durationMs: before.durationMs + durationMsOf(step),
    };
    pathTo.set(step.name, path);
    if (path.durationMs > longest.durationMs || longest.steps.length === 0) longest = path;
  }
  return longest;
}
