import type { StepContent } from '../step-content.ts';
import type { StepRelations } from './step-relations.ts';

/** What is wrong around the point of no return: before it everything can be undone, after it everything comes to an end. */
export function pivotFaults(relations: StepRelations): string[] {
  const pivots = [...new Set(relations.steps)].filter(({ pivot }) => pivot);
  const [pivot, ...more] = pivots;
  if (pivot === undefined) return [];
  if (more.length > 0) {
    const names = pivots.map(({ name }) => `'${name}'`).join(', ');
    return [`${names} are pivots: a saga has one point of no return, leave 'pivot' to one of them`];
  }
  return [...new Set(relations.steps)].flatMap((step) => {
    if (step === pivot) return [];
    if (relations.ancestors(pivot).has(step)) return beforePivotFaults(step, pivot, relations);
    if (relations.follows(step, pivot, 'succeeded'))
      return afterPivotFaults(step, pivot, relations);
    // Who waits for the refusal of the pivot alone comes neither beside nor after its success.
    if (relations.follows(step, pivot, 'rejected') || relations.exclude(step, pivot)) return [];
    return besidePivotFaults(step, pivot, relations);
  });
}

function beforePivotFaults(
  step: StepContent,
  pivot: StepContent,
  relations: StepRelations,
): string[] {
  if (step.compensates !== undefined || step.nothingToUndo) return [];
  const refuser = relations.steps.find(
    (later) =>
      relations.ancestors(later).has(step) &&
      isRefused(later, relations) &&
      !relations.follows(later, pivot, 'succeeded'),
  );
  if (refuser === undefined) return [];
  return [
    `step '${step.name}' cannot be undone when '${refuser.name}' is rejected after it: give it a 'compensates' event, or compensates: null if there is nothing to undo`,
  ];
}

function afterPivotFaults(
  step: StepContent,
  pivot: StepContent,
  relations: StepRelations,
): string[] {
  if (!isRefused(step, relations)) return [];
  return [
    `step '${step.name}' may be rejected after the pivot '${pivot.name}', when there is no way back: put it before the pivot, drop its 'rejects', or handle '${step.name}.rejected' in a step`,
  ];
}

function besidePivotFaults(
  step: StepContent,
  pivot: StepContent,
  relations: StepRelations,
): string[] {
  const beside = `step '${step.name}' runs beside the pivot '${pivot.name}'`;
  const wayOut = `make '${pivot.name}' depend on it, or it on '${pivot.name}'`;
  if (step.compensates !== undefined) {
    return [`${beside}, whose success forbids to undo it: ${wayOut}`];
  }
  return isRefused(step, relations)
    ? [`${beside}, and may be rejected when there is no way back: ${wayOut}`]
    : [];
}

/** May be rejected, and nothing handles it: the saga is doomed then. */
function isRefused(step: StepContent, relations: StepRelations): boolean {
  return step.rejects !== undefined && !relations.handled.has(step);
}
