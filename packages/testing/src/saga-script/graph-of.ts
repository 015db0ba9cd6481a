import assert from 'node:assert/strict';
import type { Dependency, EventRef, SagaGraph, StepNode } from '@troupe/core/internal';

/**
 * A step in few words. `after` is `start`, the name of an earlier step, or `name.rejected`; several make a join, where
 * a `?` at the end says that the dependency is optional.
 */
export interface StepSketch {
  readonly after: string | readonly string[];
  readonly rejects?: boolean | undefined;
  readonly compensates?: boolean | undefined;
  readonly pivot?: boolean | undefined;
  readonly conditional?: boolean | undefined;
  /** Default: 1 s. */
  readonly timeoutMs?: number | undefined;
}

export interface GraphSketch {
  readonly name?: string | undefined;
  readonly version?: number | undefined;
  /** Default: 1 h, so that it is out of the way of the steps' own limits. */
  readonly timeoutMs?: number | undefined;
  /** In topological order. */
  readonly steps: Readonly<Record<string, StepSketch>>;
}

/**
 * A saga graph as test data.
 *
 * @example
 * graphOf({ steps: { reserve: { after: 'start', compensates: true }, charge: { after: ['start', 'reserve'] } } })
 */
export function graphOf({
  name = 'test-saga',
  version = 1,
  timeoutMs = 3_600_000,
  steps,
}: GraphSketch): SagaGraph {
  const nodes: StepNode[] = [];
  for (const [step, sketch] of Object.entries(steps)) nodes.push(stepOf(step, sketch, nodes));
  const hash = version.toString(16).padStart(16, '0');
  return { name, version, hash, startsOn: event('Started'), timeoutMs, steps: nodes };
}

function stepOf(name: string, sketch: StepSketch, earlier: readonly StepNode[]): StepNode {
  const { after, rejects, compensates, pivot = false, conditional = false } = sketch;
  const single = typeof after === 'string';
  const members = single ? [after] : after;
  return {
    name,
    shape: single ? 'single' : 'named',
    dependencies: members.map((member) => dependencyOf(name, member, single, earlier)),
    emits: event(`${name}.Succeeded`),
    ...(rejects ? { rejects: event(`${name}.Rejected`) } : {}),
    ...(compensates ? { compensates: event(`${name}.Compensated`) } : {}),
    pivot,
    conditional,
    timeoutMs: sketch.timeoutMs ?? 1_000,
  };
}

function dependencyOf(
  of: string,
  member: string,
  single: boolean,
  earlier: readonly StepNode[],
): Dependency {
  const required = !member.endsWith('?');
  const [step = '', outcome = 'succeeded'] = member.replace(/\?$/, '').split('.');
  assert(outcome === 'succeeded' || outcome === 'rejected', `${of}: no outcome ${outcome}`);
  const name = single ? '' : member.replace(/\?$/, '');
  if (step === 'start') return { name, outcome, required };
  const upstream = earlier.find((node) => node.name === step);
  assert(upstream !== undefined, `${of}: no earlier step ${step}`);
  assert(outcome === 'succeeded' || upstream.rejects, `${of}: ${step} does not reject`);
  return { name, step, outcome, required };
}

function event(type: string): EventRef {
  return { type: `test.${type}`, topic: 'test', fingerprint: '0' };
}
