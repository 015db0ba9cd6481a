import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { graphRelations } from './graph-relations.ts';
import type { SagaGraph, StepNode } from './saga-graph.ts';
import { topologicalOrder } from './topological-order.ts';

const ref = { type: 'shop.E', topic: 'shop', fingerprint: '0' };

/** Step i depends on some of the steps before it; then they are shuffled. */
const shuffledSteps = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 4 }), fc.integer({ min: 1, max: 100 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((rows) =>
    rows.map(([after, timeoutMs], index): StepNode => {
      const upstream = index === 0 ? [] : [...new Set(after.map((n) => `s${n % index}`))];
      return {
        name: `s${index}`,
        shape: 'named',
        dependencies: [
          { name: 'start', outcome: 'succeeded', required: true },
          ...upstream.map((step) => ({
            name: step,
            step,
            outcome: 'succeeded' as const,
            required: true,
          })),
        ],
        emits: ref,
        pivot: false,
        conditional: false,
        timeoutMs,
      };
    }),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length }));

const graphOf = (steps: readonly StepNode[]): SagaGraph => ({
  name: 's',
  version: 1,
  hash: '0',
  startsOn: ref,
  timeoutMs: 1,
  steps: topologicalOrder(steps),
});
const upstreamOf = (step: StepNode) =>
  step.dependencies.flatMap((dependency) =>
    dependency.step === undefined ? [] : [dependency.step],
  );

test('a topological order has every step once, after all that it depends on', () => {
  fc.assert(
    fc.property(shuffledSteps, (steps) => {
      const ordered = topologicalOrder(steps);
      expect(new Set(ordered)).toEqual(new Set(steps));
      expect(ordered).toHaveLength(steps.length);
      const placed = new Set<string>();
      for (const step of ordered) {
        for (const upstream of upstreamOf(step)) expect(placed).toContain(upstream);
        placed.add(step.name);
      }
    }),
  );
});

test('ancestors are what a walk along the edges reaches, and descendants the reverse of that', () => {
  fc.assert(
    fc.property(shuffledSteps, (steps) => {
      const { ancestors, descendants } = graphRelations(graphOf(steps));
      const byName = new Map(steps.map((step) => [step.name, step]));
      const reach = (name: string): Set<string> => {
        const step = byName.get(name);
        const direct = step === undefined ? [] : upstreamOf(step);
        return new Set(direct.flatMap((upstream) => [upstream, ...reach(upstream)]));
      };
      for (const { name } of steps) {
        expect(ancestors.get(name)).toEqual(reach(name));
        for (const { name: other } of steps) {
          expect(descendants.get(name)?.has(other)).toBe(ancestors.get(other)?.has(name));
        }
      }
    }),
  );
});

test('the critical path is a chain of edges, and no chain takes longer', () => {
  fc.assert(
    fc.property(shuffledSteps, (steps) => {
      const { steps: path, durationMs } = criticalPath(graphOf(steps));
      const byName = new Map(steps.map((step) => [step.name, step]));
      const longestTo = (name: string): number => {
        const step = byName.get(name);
        return step === undefined
          ? 0
          : step.timeoutMs + Math.max(0, ...upstreamOf(step).map(longestTo));
      };
      expect(durationMs).toBe(Math.max(...steps.map(({ name }) => longestTo(name))));
      expect(path.reduce((sum, name) => sum + (byName.get(name)?.timeoutMs ?? 0), 0)).toBe(
        durationMs,
      );
      for (const [index, name] of path.entries()) {
        const before = path[index - 1];
        const step = byName.get(name);
        if (before !== undefined && step !== undefined) expect(upstreamOf(step)).toContain(before);
      }
    }),
  );
});
