import { describe, expect, test } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { graphRelations } from './graph-relations.ts';
import type { SagaGraph, StepNode } from './saga-graph.ts';
import { topologicalOrder } from './topological-order.ts';

const ref = (type: string) => ({ type, topic: 'shop', fingerprint: '0' });
const node = (name: string, after: readonly string[], timeoutMs = 10): StepNode => ({
  name,
  shape: 'named',
  dependencies: after.map((step) => ({ name: step, step, outcome: 'succeeded', required: true })),
  emits: ref(name),
  pivot: false,
  conditional: false,
  timeoutMs,
});
const graphOf = (...steps: StepNode[]): SagaGraph => ({
  name: 's',
  version: 1,
  hash: '0',
  startsOn: ref('Start'),
  timeoutMs: 100,
  steps,
});

describe('the graph of a saga', () => {
  test('has ancestors and descendants, computed once', () => {
    const graph = graphOf(node('a', []), node('b', ['a']), node('c', ['a']), node('d', ['b', 'c']));
    const { ancestors, descendants } = graphRelations(graph);
    expect(ancestors.get('d')).toEqual(new Set(['a', 'b', 'c']));
    expect(ancestors.get('a')).toEqual(new Set());
    expect(descendants.get('a')).toEqual(new Set(['b', 'c', 'd']));
    expect(graphRelations(graph)).toBe(graphRelations(graph));
  });

  test('is ordered by dependencies, and as given where they leave it open', () => {
    const steps = [node('d', ['b', 'c']), node('c', ['a']), node('b', ['a']), node('a', [])];
    expect(topologicalOrder(steps).map(({ name }) => name)).toEqual(['a', 'c', 'b', 'd']);
  });

  test('that runs in a circle has no order', () => {
    expect(() => topologicalOrder([node('a', ['b']), node('b', ['a']), node('c', [])])).toThrow(
      'saga: steps depend on each other in a circle: a, b',
    );
  });

  test('takes as long as its longest chain', () => {
    const graph = graphOf(
      node('a', [], 1),
      node('b', ['a'], 50),
      node('c', ['a'], 2),
      node('d', ['b', 'c'], 3),
      node('e', ['c'], 60),
    );
    expect(criticalPath(graph)).toEqual({ steps: ['a', 'c', 'e'], durationMs: 63 });
    expect(criticalPath(graph, ({ name }) => (name === 'b' ? 100 : 1))).toEqual({
      steps: ['a', 'b', 'd'],
      durationMs: 102,
    });
    expect(criticalPath(graph, () => 0).steps).toHaveLength(1);
  });
});
