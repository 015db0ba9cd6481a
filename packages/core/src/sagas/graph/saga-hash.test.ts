import { expect, test } from 'vitest';
import { hashOfGraph, hashOfJson } from './saga-hash.ts';

test('a hash takes no notice of the order of attributes nor of what is undefined', () => {
  expect(hashOfJson({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(
    hashOfJson({ b: { c: [1, 2] }, a: 1 }),
  );
  expect(hashOfJson({ a: [1, 2] })).not.toBe(hashOfJson({ a: [2, 1] }));
  expect(hashOfJson({ a: 1 })).not.toBe(hashOfJson({ a: '1' }));
});

test('the hash of a graph is the same after a journey as JSON, and with steps in another order', () => {
  const event = { type: 'shop.E', topic: 'shop', fingerprint: '0' };
  const step = (name: string) => ({
    name,
    shape: 'single' as const,
    dependencies: [{ name: '', step: undefined, outcome: 'succeeded' as const, required: true }],
    emits: event,
    pivot: false,
    conditional: false,
    timeoutMs: 1,
  });
  const graph = { startsOn: event, timeoutMs: 5, steps: [step('a'), step('b')] };
  const hash = hashOfGraph(graph);
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(hashOfGraph(JSON.parse(JSON.stringify(graph)))).toBe(hash);
  expect(hashOfGraph({ ...graph, steps: graph.steps.toReversed() })).toBe(hash);
  expect(hashOfGraph({ ...graph, timeoutMs: 6 })).not.toBe(hash);
  expect(hashOfGraph({ ...graph, steps: [step('a')] })).not.toBe(hash);
});
