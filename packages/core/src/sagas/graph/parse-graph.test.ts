import { graphOf } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';
import { parseSagaGraph, timeoutMsMax } from './parse-graph.ts';
import { type SagaGraph, type StepNode, sagaRef } from './saga-graph.ts';
import { hashOfGraph } from './saga-hash.ts';

const sketched = graphOf({
  steps: {
    reserve: { after: 'start', rejects: true, compensates: true },
    ship: { after: ['start', 'reserve'], pivot: true },
  },
});
const [reserve, ship] = sketched.steps as readonly [StepNode, StepNode];

/** With a hash that fits what it says. */
function sound(graph: SagaGraph): SagaGraph {
  return { ...graph, hash: hashOfGraph(graph) };
}

function read(graph: SagaGraph) {
  return parseSagaGraph(sagaRef(graph), JSON.stringify(graph));
}

function faultOf(changes: Partial<SagaGraph>) {
  const graph = sound({ ...sketched, ...changes });
  const found = read(graph);
  return 'fault' in found ? found.fault.replace(`definition ${sagaRef(graph)}: `, '') : undefined;
}

describe('a definition from the topic', () => {
  it('is read when it is sound, also in another order of attributes', () => {
    const graph = sound(sketched);
    expect(read(graph)).toEqual(graph);
    const turned = Object.fromEntries(Object.entries(graph).reverse());
    expect(parseSagaGraph(sagaRef(graph), JSON.stringify(turned))).toEqual(graph);
  });

  it('is refused when its hash is not that of what it says', () => {
    const graph = sound(sketched);
    const found = read({ ...graph, timeoutMs: 1 });
    expect(found).toMatchObject({
      fault: expect.stringMatching(
        /: the hash of what it says is \w{16}: it was changed on its way$/,
      ),
    });
  });

  it('is refused under the name of another one', () => {
    const graph = sound(sketched);
    expect(parseSagaGraph('other@1#0123456789abcdef', JSON.stringify(graph))).toEqual({
      fault: `definition other@1#0123456789abcdef says of itself that it is ${sagaRef(graph)}`,
    });
  });

  it('is refused when one event type stands for two things', () => {
    const { emits } = reserve;
    expect(faultOf({ steps: [reserve, { ...ship, emits }] })).toBe(
      'step ship: test.reserve.Succeeded stands for something else too',
    );
    expect(faultOf({ steps: [{ ...reserve, rejects: emits }] })).toBe(
      'step reserve: test.reserve.Succeeded stands for something else too',
    );
    expect(faultOf({ startsOn: emits })).toBe(
      'step reserve: test.reserve.Succeeded stands for something else too',
    );
  });

  it('is refused with two pivots', () => {
    expect(faultOf({ steps: [{ ...reserve, pivot: true }, ship] })).toBe(
      'reserve, ship are pivots: expected one at most',
    );
  });

  it('is refused when its pivot can be undone', () => {
    expect(
      faultOf({
        steps: [
          { ...reserve, pivot: true },
          { ...ship, pivot: false },
        ],
      }),
    ).toBe('step reserve: a pivot is never undone, and has no compensates');
  });

  it('is refused when a step waits for a rejection that nobody says', () => {
    const [start, stock] = ship.dependencies;
    if (start === undefined || stock === undefined) throw new Error('it has two');
    const onRejected = { ...stock, outcome: 'rejected' } as const;
    const steps = [reserve, { ...ship, dependencies: [start, onRejected] }];
    expect(faultOf({ steps })).toBeUndefined();
    const { rejects: _, ...never } = reserve;
    expect(faultOf({ steps: [never, ...steps.slice(1)] })).toBe(
      'step ship depends on the rejection of reserve, which has none',
    );
    expect(
      faultOf({ steps: [reserve, { ...ship, dependencies: [{ ...start, outcome: 'rejected' }] }] }),
    ).toBe('step ship depends on the rejection of the start, which has none');
  });

  it('is refused when a step has several dependencies and the shape of one', () => {
    expect(faultOf({ steps: [reserve, { ...ship, shape: 'single' }] })).toBe(
      'steps[1].dependencies: expected one, its shape is single, got 2',
    );
  });

  it('is refused when a step depends on what is not before it, or is there twice', () => {
    expect(faultOf({ steps: [ship, reserve] })).toBe(
      'steps[0].dependencies: one is malformed, or names a step that is not before this one',
    );
    expect(faultOf({ steps: [reserve, reserve] })).toBe('steps[1].name: reserve is there twice');
  });

  it("is refused when an event has a type or a topic of Troupe's own", () => {
    const own = { ...reserve.emits, topic: 'troupe.sagas' };
    expect(faultOf({ steps: [{ ...reserve, emits: own }, ship] })).toBe(
      "steps[0].emits.topic: troupe.sagas begins with 'troupe.', as only Troupe's own do",
    );
    expect(faultOf({ startsOn: { ...sketched.startsOn, type: 'troupe.StepRequested' } })).toBe(
      "startsOn.type: troupe.StepRequested begins with 'troupe.', as only Troupe's own do",
    );
    const topic = 'troupes';
    expect(faultOf({ steps: [{ ...reserve, rejects: { ...own, type: 'a.B', topic } }] })).toBe(
      undefined,
    );
  });

  it('is refused when a time limit is longer than a definition may say', () => {
    const expected = 'timeoutMs: expected a whole number from 1 to 31622400000';
    for (const timeoutMs of [0, timeoutMsMax + 1, Number.MAX_SAFE_INTEGER]) {
      expect(faultOf({ timeoutMs })).toBe(expected);
      expect(faultOf({ steps: [{ ...reserve, timeoutMs }, ship] })).toBe(`steps[0].${expected}`);
    }
    expect(faultOf({ timeoutMs: timeoutMsMax })).toBe(undefined);
  });

  it('is refused when a step has a name that would not stand in headers and ids', () => {
    for (const name of ['', 'ship/order', 'x'.repeat(201)]) {
      expect(faultOf({ steps: [{ ...reserve, name }] })).toBe(
        'steps[0].name: expected the name of a step',
      );
    }
  });
});
