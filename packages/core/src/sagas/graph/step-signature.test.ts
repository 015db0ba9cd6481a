import { describe, expect, test } from 'vitest';
import { defineEvent } from '../../events/define-event.ts';
import { type FieldTypes, t } from '../../events/field-types.ts';
import { defineSaga, toGraph } from '../definition/define-saga.ts';
import { type AnyStep, defineStep } from '../definition/define-step.ts';
import { signatureOfStep, stepSignature } from './step-signature.ts';

/** The same saga each time, but for what is asked for. */
function define({
  version = 1,
  timeoutMs = 1_000,
  retry = 1,
  first = 'first',
  note = t.string() as ReturnType<FieldTypes['string' | 'int']>,
  member = 'no',
  optional = true,
} = {}) {
  const orderId = t.string().key();
  const Placed = defineEvent('shop.Placed', { orderId });
  const Done = defineEvent('shop.Done', { orderId, note });
  const Refused = defineEvent('shop.Refused', { orderId });
  const one = defineStep(first, { after: Placed, emits: Done, rejects: Refused });
  const refusal = optional ? one.rejected.optional : one.rejected.required;
  const join = defineStep('join', {
    after: { order: Placed, [member]: refusal },
    emits: defineEvent('shop.Joined', { orderId }),
    timeoutMs,
    retry: { attemptsMax: retry },
  });
  const tuple = defineStep('tuple', {
    after: [Placed, one.optional],
    emits: defineEvent('shop.Tupled', { orderId }),
    when: () => true,
  });
  const steps: readonly AnyStep[] = [one, join, tuple];
  const graph = toGraph(defineSaga('s', { version, startsOn: Placed, steps }));
  const inGraph = new Map(graph.steps.map((step) => [step.name, stepSignature(graph, step)]));
  return { steps, inGraph, join: inGraph.get('join') };
}

describe('the signature of a step', () => {
  test('is the same in the graph and in the service that implements it', () => {
    const { steps, inGraph } = define();
    for (const step of steps) expect(signatureOfStep(step['~step'])).toBe(inGraph.get(step.name));
    expect(new Set(inGraph.values()).size).toBe(3);
  });

  test.each([{ version: 2 }, { timeoutMs: 5 }, { retry: 2 }, { first: 'renamed' }])(
    'does not change with %o',
    (change) => {
      expect(define(change).join).toBe(define().join);
    },
  );

  test.each([{ member: 'refusal' }, { optional: false }])('changes with %o', (change) => {
    expect(define(change).join).not.toBe(define().join);
  });

  test('changes with the schema of an event that it is given', () => {
    const changed = define({ note: t.int() }).inGraph;
    expect(changed.get('tuple')).not.toBe(define().inGraph.get('tuple'));
    expect(changed.get('first')).not.toBe(define().inGraph.get('first'));
    expect(changed.get('join')).toBe(define().join);
  });
});
