import type { Saga } from '../definition/define-saga.ts';
import { toGraph } from '../definition/define-saga.ts';
import type { Dependency, EventRef, SagaGraph, StepNode } from './saga-graph.ts';

/**
 * A flow chart of a saga in Mermaid's language. A rectangle is a step, a hexagon the pivot; a dotted line is an optional
 * dependency; an edge after a refusal says so.
 */
export function toMermaid(saga: Saga): string {
  return graphToMermaid(toGraph(saga));
}

/** The same for a definition as plain data. */
export function graphToMermaid(graph: SagaGraph): string {
  // Ids of Mermaid allow fewer characters than names do, and some names are words of its own.
  const ids = new Map(graph.steps.map(({ name }, index) => [name, `s${index + 1}`]));
  const idOf = (step: string | undefined) =>
    step === undefined ? 'start' : (ids.get(step) ?? step);
  const lines = [
    `flowchart TD`,
    `  start([${label([shortName(graph.startsOn)])}])`,
    ...graph.steps.map((step) => `  ${idOf(step.name)}${box(step)}`),
    ...graph.steps.flatMap((step) =>
      step.dependencies.map(
        (dependency) => `  ${idOf(dependency.step)} ${arrow(dependency)} ${idOf(step.name)}`,
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function box(step: StepNode): string {
  const { name, emits, rejects, compensates, pivot, conditional } = step;
  const text = label([
    name,
    `→ ${shortName(emits)}`,
    ...(rejects === undefined ? [] : [`✗ ${shortName(rejects)}`]),
    ...(compensates === undefined ? [] : [`↩ ${shortName(compensates)}`]),
    ...(conditional ? ['(if its condition holds)'] : []),
  ]);
  return pivot ? `{{${text}}}` : `[${text}]`;
}

function arrow({ outcome, required }: Dependency): string {
  const line = required ? '-->' : '-.->';
  return outcome === 'rejected' ? `${line}|rejected|` : line;
}

function label(lines: readonly string[]): string {
  return `"${lines.join('<br/>')}"`;
}

function shortName({ type }: EventRef): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
