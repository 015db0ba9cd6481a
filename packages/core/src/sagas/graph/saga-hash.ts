import { hash } from 'node:crypto';
import type { SagaGraph } from './saga-graph.ts';

/**
 * 16 hex digits over what a definition says below its name and version: events with their schemas, steps, dependencies,
 * time limits. Anybody who has the graph can check it. The order of attributes and steps makes no difference.
 */
export function hashOfGraph({
  startsOn,
  timeoutMs,
  steps,
}: Pick<SagaGraph, 'startsOn' | 'timeoutMs' | 'steps'>): string {
  const byName = Object.fromEntries(steps.map((step) => [step.name, step]));
  return hashOfJson({ startsOn, timeoutMs, steps: byName });
}

/** 16 hex digits over plain data, whatever the order of its attributes; what is undefined is not there. */
export function hashOfJson(value: unknown): string {
  return hash('sha256', JSON.stringify(value, sorted), 'hex').slice(0, 16);
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
