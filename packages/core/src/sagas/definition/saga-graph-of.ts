import type { AnyEventClass } from '../../events/event.ts';
import { schemaFingerprint } from '../../events/schema-text.ts';
import type { Dependency, EventRef, SagaGraph, StepNode } from '../graph/saga-graph.ts';
import { hashOfGraph } from '../graph/saga-hash.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import { definitionLimits } from './definition-limits.ts';
import type { StepContent, StepDependency } from './step-content.ts';

export interface SagaContent {
  readonly name: string;
  readonly version: number;
  readonly startsOn: AnyEventClass;
  readonly timeoutMs: number | undefined;
  readonly steps: readonly StepContent[];
}

/**
 * A definition as plain data, with all defaults written out. The order in which steps and named dependencies were listed
 * makes no difference to it.
 */
export function sagaGraphOf(saga: SagaContent): SagaGraph {
  const { name, version, timeoutMs = definitionLimits.sagaTimeoutMs } = saga;
  const nodes = saga.steps.map((step) => stepNodeOf(step, timeoutMs));
  const below = {
    startsOn: eventRef(saga.startsOn),
    timeoutMs,
    steps: topologicalOrder(nodes.toSorted(byName)),
  };
  return { name, version, hash: hashOfGraph(below), ...below };
}

export function stepNodeOf(step: StepContent, sagaTimeoutMs: number): StepNode {
  const { name, shape, emits, rejects, compensates, pivot, when, timeoutMs } = step;
  const dependencies = step.dependencies.map(dependencyOf);
  return {
    name,
    shape,
    // The place in a tuple means something, the place in an object does not.
    dependencies: shape === 'named' ? dependencies.sort(byName) : dependencies,
    emits: eventRef(emits),
    ...(rejects && { rejects: eventRef(rejects) }),
    ...(compensates && { compensates: eventRef(compensates) }),
    pivot,
    conditional: when !== undefined,
    timeoutMs: timeoutMs ?? Math.min(definitionLimits.stepTimeoutMs, sagaTimeoutMs),
  };
}

function dependencyOf({ name, step, outcome, need }: StepDependency): Dependency {
  return { name, ...(step && { step: step.name }), outcome, required: need !== 'optional' };
}

export function eventRef(eventClass: AnyEventClass): EventRef {
  const { eventName, topic } = eventClass;
  return { type: eventName, topic, fingerprint: schemaFingerprint(eventClass) };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
