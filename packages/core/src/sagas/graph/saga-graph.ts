import { oncePerGraph } from './once-per-graph.ts';
import { sagaRefForm } from './saga-names.ts';

/**
 * A saga definition as plain data: what travels on `troupe.definitions`, what the coordinator and the
 * participants run by. It has no functions and no classes; `when` and handlers stay in the participant.
 */
export interface SagaGraph {
  readonly name: string;
  readonly version: number;
  /** Hex digits of a hash over everything below; the last part of a saga reference. */
  readonly hash: string;
  readonly startsOn: EventRef;
  readonly timeoutMs: number;
  /** In topological order: a step comes after everything it depends on. */
  readonly steps: readonly StepNode[];
}

/** An event type by name, with the topic it travels on and the fingerprint of its schema. */
export interface EventRef {
  readonly type: string;
  readonly topic: string;
  readonly fingerprint: string;
}

export interface StepNode {
  readonly name: string;
  /**
   * How `execute` gets its input: the one event itself, an object by dependency names, or a tuple.
   * `single` has exactly one dependency.
   */
  readonly shape: 'single' | 'named' | 'tuple';
  readonly dependencies: readonly Dependency[];
  readonly emits: EventRef;
  readonly rejects?: EventRef | undefined;
  readonly compensates?: EventRef | undefined;
  readonly pivot: boolean;
  /** Has a `when`, so it may be skipped by its participant. */
  readonly conditional: boolean;
  readonly timeoutMs: number;
}

/** One `after` edge. */
export interface Dependency {
  /** The member's name in `after`: a property name, the index of a tuple as text, or '' when single. */
  readonly name: string;
  /** The step waited for; undefined is the start event. */
  readonly step?: string | undefined;
  readonly outcome: 'succeeded' | 'rejected';
  /** An optional dependency may end otherwise; its input is then undefined. */
  readonly required: boolean;
}

/** `place-order@1#9f86d081884c7d65`: the value of the header `ce_saga`. */
export type SagaRef = `${string}@${number}#${string}`;

export function sagaRef(graph: Pick<SagaGraph, 'name' | 'version' | 'hash'>): SagaRef {
  return `${graph.name}@${graph.version}#${graph.hash}`;
}

/** Undefined when the text is no saga reference. */
export function parseSagaRef(
  text: string,
): { readonly name: string; readonly version: number; readonly hash: string } | undefined {
  const groups = sagaRefForm.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name, version, hash } = groups;
  return name === undefined || version === undefined || hash === undefined
    ? undefined
    : { name, version: Number(version), hash };
}

const stepsByName = oncePerGraph(
  ({ steps }: SagaGraph): ReadonlyMap<string, StepNode> =>
    new Map(steps.map((step) => [step.name, step])),
);

export function stepNamed(graph: SagaGraph, name: string): StepNode | undefined {
  return stepsByName(graph).get(name);
}

/** Of a step that has only one: its event triggers the step by itself. Undefined: a join, which the coordinator asks for. */
export function soleDependency<One>(dependencies: readonly One[]): One | undefined {
  return dependencies.length === 1 ? dependencies[0] : undefined;
}

/** The event that satisfies a dependency; undefined where its step is not there, or has no such outcome. */
export function eventOfDependency(
  graph: SagaGraph,
  { step, outcome }: Pick<Dependency, 'step' | 'outcome'>,
): EventRef | undefined {
  if (step === undefined) return graph.startsOn;
  const upstream = stepNamed(graph, step);
  return outcome === 'succeeded' ? upstream?.emits : upstream?.rejects;
}
