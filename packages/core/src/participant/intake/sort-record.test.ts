import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineEvent } from '../../events/define-event.ts';
import { t } from '../../events/field-types.ts';
import { defineSaga, toGraph } from '../../sagas/definition/define-saga.ts';
import { defineStep } from '../../sagas/definition/define-step.ts';
import { type SagaGraph, type SagaRef, sagaRef } from '../../sagas/graph/saga-graph.ts';
import { ownStep } from '../definitions/own-step.ts';
import { planSaga, type SagaPlan } from '../definitions/saga-plan.ts';
import { implement } from '../implement.ts';
import { type Handled, sortRecord } from './sort-record.ts';

const orderId = t.string().key();
class Placed extends defineEvent('shop.Placed', { orderId }) {}
class Reserved extends defineEvent('shop.Reserved', { orderId }) {}
class Wrapped extends defineEvent('shop.Wrapped', { orderId }) {}
class Shipped extends defineEvent('shop.Shipped', { orderId }) {}
class Refused extends defineEvent('shop.Refused', { orderId }) {}
class Offered extends defineEvent('shop.Offered', { orderId }) {}
class Mailed extends defineEvent('shop.Mailed', { orderId }) {}

const undone = { compensates: null } as const;
const reserve = defineStep('reserve', { after: Placed, emits: Reserved, ...undone });
const wrap = defineStep('wrap', { after: { order: Placed }, emits: Wrapped, ...undone });
const ship = defineStep('ship', { after: { reserve, wrap }, emits: Shipped, pivot: true });
const mail = defineStep('mail', { after: ship, emits: Mailed });
const steps = [reserve, wrap, ship, mail];
const graph = toGraph(defineSaga('order', { version: 1, startsOn: Placed, steps }));

const own = [
  implement(reserve, { execute: async (order) => new Reserved(order) }),
  implement(wrap, { execute: async ({ order }) => new Wrapped(order) }),
  implement(ship, { execute: async ({ reserve: stock }) => new Shipped(stock) }),
].map(ownStep);

const handled: Handled = {
  eventHandlers: new Map([['shop.Mailed', { eventClass: Mailed, handle: async () => undefined }]]),
  triggers: new Set(['shop.Placed']),
  stepNames: new Set(['reserve', 'wrap', 'ship']),
};
const known = (of: SagaGraph): Map<SagaRef, SagaPlan> =>
  new Map([[sagaRef(of), planSaga(of, own)]]);

const bytes = (text: string): Uint8Array => Buffer.from(text);
function sorted(headers: Readonly<Record<string, string>>, sagas = known(graph)) {
  const raw = Object.entries({ ce_id: 'e', ...headers }).map(([name, value]) => [
    name,
    bytes(value),
  ]);
  return sortRecord({ headers: Object.fromEntries(raw), key: bytes('42') }, handled, sagas);
}

const saga = sagaRef(graph);
const names = (result: ReturnType<typeof sorted>) =>
  result.kind === 'deliver'
    ? result.deliveries.map((one) =>
        one.kind === 'event' ? one.kind : `${one.kind} ${one.step.name}`,
      )
    : result.kind;

describe('a record', () => {
  it('triggers every own step of its saga that depends on its event alone', () => {
    const result = sorted({ ce_type: 'shop.Placed', ce_saga: saga });
    expect(names(result)).toEqual(['trigger reserve', 'trigger wrap']);
  });

  it('is passed over when its type is nobody’s, however broken the rest of it is', () => {
    expect(sorted({ ce_type: 'shop.Other', ce_saga: '???', ce_correlationid: 'x' })).toEqual({
      kind: 'pass',
    });
  });

  it('is passed over when it only counts together with others, or for another service', () => {
    expect(names(sorted({ ce_type: 'shop.Reserved', ce_saga: saga }))).toBe('pass');
    expect(names(sorted({ ce_type: 'shop.Shipped', ce_saga: saga }))).toBe('pass');
  });

  it('triggers the step that waits for its refusal', () => {
    const pay = defineStep('pay', { after: Placed, emits: Reserved, rejects: Refused, ...undone });
    const offer = defineStep('offer', { after: pay.rejected, emits: Offered, ...undone });
    const branching = toGraph(
      defineSaga('branch', { version: 1, startsOn: Placed, steps: [pay, offer] }),
    );
    const offering = ownStep(implement(offer, { execute: async (event) => new Offered(event) }));
    const { triggeredBy } = planSaga(branching, [offering]);
    expect([...triggeredBy]).toEqual([['shop.Refused', [{ kind: 'runnable', step: offering }]]]);
  });

  it('triggers no step when it names no saga', () => {
    expect(names(sorted({ ce_type: 'shop.Placed' }))).toBe('pass');
  });

  it('goes to a plain consumer, whatever saga it names', () => {
    expect(names(sorted({ ce_type: 'shop.Mailed' }))).toEqual(['event']);
    expect(names(sorted({ ce_type: 'shop.Mailed', ce_saga: 'x@1#00000000' }))).toEqual(['event']);
  });

  it('waits while its saga is not known', () => {
    expect(sorted({ ce_type: 'shop.Placed', ce_saga: 'order@9#00000000' })).toMatchObject({
      kind: 'wait',
      code: 'definition-unknown',
      conflicts: [],
    });
  });

  it('waits when one of its steps has another contract, and says which', () => {
    const other = {
      ...graph,
      version: 2,
      steps: graph.steps.map((node) =>
        node.name === 'wrap' ? { ...node, shape: 'single' as const } : node,
      ),
    };
    const result = sorted({ ce_type: 'shop.Placed', ce_saga: sagaRef(other) }, known(other));
    expect(result).toMatchObject({
      kind: 'wait',
      code: 'definition-conflict',
      message: expect.stringMatching(/order@2 has step wrap with other dependencies/),
      deliveries: [{ step: { name: 'reserve' } }],
      conflicts: [{ step: { name: 'wrap' } }],
    });
  });

  it('is run by the same contract in another version, with other limits', () => {
    const newer = { ...graph, version: 3, steps: graph.steps.map((s) => ({ ...s, timeoutMs: 1 })) };
    const result = sorted({ ce_type: 'shop.Placed', ce_saga: sagaRef(newer) }, known(newer));
    expect(names(result)).toEqual(['trigger reserve', 'trigger wrap']);
  });
});

describe('a request', () => {
  const request = { ce_type: 'troupe.StepRequested', ce_saga: saga };
  const undo = { ...request, ce_type: 'troupe.CompensationRequested' };

  it('is for the own step that it names', () => {
    expect(names(sorted({ ...request, ce_step: 'ship' }))).toEqual(['execute-request ship']);
  });

  it('to undo a step names what it undoes; to cancel it names nothing', () => {
    const undoing = { ...undo, ce_step: 'wrap', ce_undoes: 'doubt' };
    expect(names(sorted(undoing))).toEqual(['compensation-request wrap']);
    expect(names(sorted({ ...undo, ce_step: 'wrap' }))).toEqual(['cancel-request wrap']);
  });

  it('is passed over when the step is another service’s, or not in its saga', () => {
    expect(names(sorted({ ...request, ce_step: 'mail' }))).toBe('pass');
    const less = { ...graph, steps: graph.steps.slice(0, 2) };
    expect(names(sorted({ ...request, ce_step: 'ship' }, known(less)))).toBe('pass');
  });

  it('cannot be understood without its step or its saga', () => {
    expect(sorted(request)).toMatchObject({
      fault: 'header ce_step is missing: a request names it',
    });
    expect(sorted({ ce_type: 'troupe.StepRequested', ce_step: 'ship' })).toMatchObject({
      fault: 'header ce_saga is missing: a request names it',
    });
  });

  it('waits while its saga is not known', () => {
    const unknown = { ...request, ce_step: 'ship', ce_saga: 'order@9#00000000' };
    expect(names(sorted(unknown))).toBe('wait');
  });
});

describe('any record', () => {
  it('is sorted without a throw, and never delivered with a fault in it', () => {
    const names = ['ce_id', 'ce_type', 'ce_saga', 'ce_step', 'ce_correlationid', 'ce_attempt'];
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 10 }),
      fc
        .constantFrom('shop.Placed', 'troupe.StepRequested', 'shop.Mailed', saga, 'ship', '42', '1')
        .map((text) => Uint8Array.from(Buffer.from(text))),
    );
    const headers = fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true });
    const key = fc.oneof(fc.constant(null), value);
    fc.assert(
      fc.property(headers, key, (raw, any) => {
        const result = sortRecord({ headers: raw, key: any }, handled, known(graph));
        if (result.kind === 'deliver') {
          expect(result.deliveries.length).toBeGreaterThan(0);
          expect(result.headers.correlationId).toBe(Buffer.from(any ?? []).toString('utf8'));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
