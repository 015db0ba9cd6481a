import { describe, expect, test } from 'vitest';
import { sagaRef } from '../graph/saga-graph.ts';
import { defineSaga, eventClassesOf, toGraph } from './define-saga.ts';
import type { AnyStep } from './define-step.ts';
import { faultsOf, Start, step } from './steps.test-data.ts';

describe('a saga', () => {
  const reserve = step('reserve', Start, { rejects: true, compensates: true });
  const charge = step('charge', Start, { rejects: true, compensates: true, timeoutMs: 30_000 });
  const invoice = step('invoice', charge.rejected, { compensates: null });
  const wrap = step('wrap', Start, { when: () => true, compensates: null });
  const ship = step(
    'ship',
    {
      order: Start,
      stock: reserve,
      payment: charge.optional,
      invoice: invoice.optional,
      gift: wrap.optional,
    },
    { pivot: true, rejects: true },
  );
  const tell = step('tell', ship);
  const saga = defineSaga('place-order', {
    version: 3,
    startsOn: Start,
    steps: [tell, ship, wrap, invoice, charge, reserve],
    timeoutMs: 60_000,
  });

  test('as plain data has all of it, in topological order, defaults written out', () => {
    const graph = toGraph(saga);
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
    expect(graph).toMatchObject({
      name: 'place-order',
      version: 3,
      timeoutMs: 60_000,
      startsOn: { type: 'shop.Start', topic: 'shop', fingerprint: expect.any(String) },
    });
    expect(graph.steps.map(({ name }) => name)).toEqual([
      ...['charge', 'invoice', 'reserve', 'wrap', 'ship', 'tell'],
    ]);
    expect(graph.steps[4]).toEqual({
      name: 'ship',
      shape: 'named',
      dependencies: [
        { name: 'gift', step: 'wrap', outcome: 'succeeded', required: false },
        { name: 'invoice', step: 'invoice', outcome: 'succeeded', required: false },
        { name: 'order', outcome: 'succeeded', required: true },
        { name: 'payment', step: 'charge', outcome: 'succeeded', required: false },
        { name: 'stock', step: 'reserve', outcome: 'succeeded', required: true },
      ],
      emits: expect.objectContaining({ type: 'shop.shipDone' }),
      rejects: expect.objectContaining({ type: 'shop.shipRejected' }),
      pivot: true,
      conditional: false,
      // No step has more time than its saga.
      timeoutMs: 60_000,
    });
    expect(graph.steps[0]).toMatchObject({
      compensates: { type: 'shop.chargeUndone' },
      timeoutMs: 30_000,
    });
    expect(graph.steps[1]?.dependencies).toEqual([
      { name: '', step: 'charge', outcome: 'rejected', required: true },
    ]);
    expect(graph.steps[3]).toMatchObject({ conditional: true });
  });

  test('has a reference of name, version and hash', () => {
    expect(sagaRef(saga)).toMatch(/^place-order@3#[0-9a-f]{16}$/);
    expect(toGraph(saga).hash).toBe(saga.hash);
  });

  test('knows its events, each once', () => {
    const names = eventClassesOf(saga).map(({ eventName }) => eventName);
    expect(names).toHaveLength(new Set(names).size);
    expect(names).toEqual(
      expect.arrayContaining(['shop.Start', 'shop.chargeUndone', 'shop.shipRejected']),
    );
    expect(names).toHaveLength(1 + 6 + 3 + 2);
  });

  test('the same saga in another order of listing has the same hash, a changed one has not', () => {
    const steps = [reserve, charge, invoice, wrap, ship, tell];
    const define = (options: object) =>
      defineSaga('x', { version: 1, startsOn: Start, steps, timeoutMs: 60_000, ...options }).hash;
    expect(define({})).toBe(saga.hash);
    expect(define({ timeoutMs: 61_000 })).not.toBe(saga.hash);
    expect(define({ steps: steps.slice(0, 5) })).not.toBe(saga.hash);
  });

  test('without time limits gets the defaults', () => {
    const graph = toGraph(defineSaga('s', { version: 1, startsOn: Start, steps: [wrap] }));
    expect(graph.timeoutMs).toBe(24 * 60 * 60_000);
    expect(graph.steps[0]?.timeoutMs).toBe(5 * 60_000);
  });

  test('with more ways through it than can be walked one by one is defined at once', () => {
    const layers: AnyStep[] = [];
    let before: readonly [AnyStep, AnyStep] | undefined;
    for (let layer = 0; layer < 99; layer++) {
      const after = before === undefined ? Start : ([...before] as const);
      const of = (side: string) => step(`s${layer}${side}`, after as never, { compensates: true });
      before = [of('l'), of('r')];
      layers.push(...before);
    }
    const pivot = step('pivot', before as never, { pivot: true, rejects: true });
    const beside = step('beside', pivot.rejected);
    expect(faultsOf([...layers, pivot, beside])).toEqual([]);
  });

  test('may have one step', () => {
    expect(faultsOf([step('only', Start, { rejects: true })])).toEqual([]);
  });
});
