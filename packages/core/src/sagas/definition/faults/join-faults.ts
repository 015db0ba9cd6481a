import { soleDependency } from '../../graph/saga-graph.ts';
import type { StepContent, StepDependency } from '../step-content.ts';
import type { StepRelations } from './step-relations.ts';

/** What is wrong with how steps wait for each other: what can never come about, and what is left unsaid. */
export function joinFaults(relations: StepRelations): string[] {
  return [...new Set(relations.steps)].flatMap((step) => [
    ...contradictionFaults(step, relations),
    ...(soleDependency(step.dependencies) === undefined ? bareMemberFaults(step, relations) : []),
  ]);
}

/** A step that needs the success and the refusal of one other never runs. */
function contradictionFaults(step: StepContent, relations: StepRelations): string[] {
  // What only waits for an impossible step is not worth a sentence of its own.
  if (step.dependencies.some(({ step: other }) => other && isImpossible(other, relations)))
    return [];
  for (const [upstream, outcomes] of relations.required(step)) {
    if (outcomes.size > 1) {
      return [
        `step '${step.name}' can never run: it requires that '${upstream.name}' succeeds and that it is rejected; say .optional to one of them`,
      ];
    }
  }
  return [];
}

function isImpossible(step: StepContent, relations: StepRelations): boolean {
  return [...relations.required(step).values()].some((outcomes) => outcomes.size > 1);
}

/** In a join every member that may not come about says what that means. */
function bareMemberFaults(step: StepContent, relations: StepRelations): string[] {
  return step.dependencies.flatMap((dependency) => {
    const reason = reasonToMiss(dependency, relations);
    if (dependency.need !== 'usual' || reason === undefined) return [];
    const { name, step: upstream } = dependency;
    const member = `member '${name}' of step '${step.name}'`;
    return [
      `${member}: '${upstream?.name}' ${reason}; say .optional to run without it, or .required to be skipped then`,
    ];
  });
}

function reasonToMiss(
  { step, outcome }: StepDependency,
  relations: StepRelations,
): string | undefined {
  // Whoever waits for a refusal knows that there may be none.
  if (step === undefined || outcome === 'rejected') return undefined;
  if (relations.handled.has(step)) return 'may be rejected, which another step handles';
  return relations.mayBeSkipped(step) ? 'may be skipped' : undefined;
}
