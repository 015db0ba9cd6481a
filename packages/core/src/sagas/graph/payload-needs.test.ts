import { graphOf } from '@troupe/testing/saga-script';
import { expect, it } from 'vitest';
import { payloadNeeds } from './payload-needs.ts';

it('keeps nothing of a chain that nothing can undo: each event triggers the next step by itself', () => {
  const graph = graphOf({ steps: { a: { after: 'start' }, b: { after: 'a' } } });
  expect(payloadNeeds(graph)).toEqual({ start: false, succeeded: new Set(), rejected: new Set() });
});

it('keeps what a join is asked for with', () => {
  const graph = graphOf({
    steps: {
      a: { after: 'start', rejects: true },
      b: { after: ['start', 'a.rejected'] },
    },
  });
  expect(payloadNeeds(graph)).toEqual({
    start: true,
    succeeded: new Set(),
    rejected: new Set(['a']),
  });
});

it('keeps input and output of what may have to be undone', () => {
  const graph = graphOf({
    steps: { a: { after: 'start' }, b: { after: 'a', compensates: true } },
  });
  expect(payloadNeeds(graph)).toEqual({
    start: false,
    succeeded: new Set(['a', 'b']),
    rejected: new Set(),
  });
});

it('keeps the inputs of what runs beside or after a pivot, which is asked for again', () => {
  const graph = graphOf({
    steps: {
      a: { after: 'start' },
      ship: { after: 'a', pivot: true },
      log: { after: 'start' },
      invoice: { after: 'ship' },
    },
  });
  expect(payloadNeeds(graph)).toEqual({
    start: true,
    succeeded: new Set(['ship']),
    rejected: new Set(),
  });
});

it('keeps what leads to a pivot is given, and not what the pivot itself is given, which nobody asks for', () => {
  const graph = graphOf({
    steps: { a: { after: 'start' }, ship: { after: 'a', pivot: true } },
  });
  expect(payloadNeeds(graph)).toEqual({ start: true, succeeded: new Set(), rejected: new Set() });
});
