import { DefinitionError } from '../../errors/error-kinds.ts';
import type { AnyEventClass } from '../../events/define-event.ts';
import type { SagaGraph } from '../graph/saga-graph.ts';
import type { AnyStep } from './define-step.ts';
import { sagaFaults } from './faults/saga-faults.ts';
import { sagaGraphOf } from './saga-graph-of.ts';

/** A definition: a graph of steps that begins with one event. */
export interface Saga<out Name extends string = string, out StepName extends string = string> {
  readonly name: Name;
  readonly version: number;
  /** Hex digits over everything that the definition says; `sagaRef(saga)` is `place-order@1#9f86d081884c7d65`. */
  readonly hash: string;
  readonly startsOn: AnyEventClass;
  readonly steps: readonly (AnyStep & { readonly name: StepName })[];
  readonly '~graph': SagaGraph;
}

export interface SagaOptions<S extends AnyStep> {
  /** A whole number from 1. A definition that changes needs a new one: running sagas stay on theirs. */
  readonly version: number;
  readonly startsOn: AnyEventClass;
  readonly steps: readonly S[];
  /** Ends the saga, whatever it waits for. Default: 24 hours. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A saga. Throws `DefinitionError` with every fault.
 *
 * @example
 * const placeOrder = defineSaga('place-order', { version: 1, startsOn: OrderPlaced, steps: [reserveStock, chargeCard] })
 */
export function defineSaga<const Name extends string, const S extends AnyStep>(
  name: Name,
  options: SagaOptions<S>,
): Saga<Name, S['name']> {
  const faults = sagaFaults(name, options);
  if (faults.length > 0) throw new DefinitionError(`saga ${String(name)}`, faults);
  const { version, startsOn, timeoutMs } = options;
  const steps = Object.freeze([...options.steps]);
  const contents = steps.map((step) => step['~step']);
  const graph = sagaGraphOf({ name, version, startsOn, timeoutMs, steps: contents });
  return { name, version, hash: graph.hash, startsOn, steps, '~graph': graph };
}

/** A definition as plain data: what travels to the coordinator. */
export function toGraph(saga: Saga): SagaGraph {
  return saga['~graph'];
}

/** Every event type of a saga, its start first, each once. */
export function eventClassesOf(saga: Saga): readonly AnyEventClass[] {
  const classes = saga.steps.flatMap(({ '~step': { emits, rejects, compensates } }) => [
    emits,
    ...(rejects === undefined ? [] : [rejects]),
    ...(compensates === undefined ? [] : [compensates]),
  ]);
  return [saga.startsOn, ...classes];
}
