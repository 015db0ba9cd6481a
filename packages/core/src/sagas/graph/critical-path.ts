import type { SagaGraph, StepNode } from './saga-graph.ts';

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
