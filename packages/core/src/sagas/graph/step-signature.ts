import { eventRef, stepNodeOf } from '../definition/saga-graph-of.ts';
import type { StepContent } from '../definition/step-content.ts';
import {
  type Dependency,
  type EventRef,
  eventOfDependency,
  type SagaGraph,
  type StepNode,
} from './saga-graph.ts';
import { hashOfJson } from './saga-hash.ts';

/**
 * What a step's definition and its implementation have to agree on: dependencies, events, schemas. Limits are not part of
 * it. A step with the same signature runs whatever the saga's version is.
 */
export function stepSignature(graph: SagaGraph, step: StepNode): string {
  return signature(step, (dependency) => eventOfDependency(graph, dependency));
}

/** The signature of a step as its service implements it; equals that in the graph of a saga which lists this step. */
export function signatureOfStep(content: StepContent): string {
  const eventOf = new Map(
    content.dependencies.map(({ name, eventClass }) => [name, eventRef(eventClass)]),
  );
  // The time limit of the saga does not matter here.
  return signature(stepNodeOf(content, 1), ({ name }) => eventOf.get(name));
}

function signature(
  { name, shape, dependencies, emits, rejects, compensates }: StepNode,
  eventOf: (dependency: Dependency) => EventRef | undefined,
): string {
  // Which step upstream publishes an event is the saga's business.
  const inputs = dependencies.map((dependency) => ({
    member: dependency.name,
    required: dependency.required,
    event: eventOf(dependency),
  }));
  return hashOfJson({ name, shape, inputs, emits, rejects, compensates });
}
