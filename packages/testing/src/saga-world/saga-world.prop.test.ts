import { graphRelations, type SagaGraph } from '@troupe/core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { behavioursOf, type Weather } from './behaviour.ts';
import { essence, foldInputs } from './open-loop.ts';
import { SagaWorld, type WorldEnd, type WorldPlan } from './saga-world.ts';
import { SeededChoice } from './seeded-choice.ts';
import { worldPlanText } from './world-plan-text.ts';

const storm: Weather = { lag: true, failures: true, undoFailures: true };
const calm: Weather = { lag: false, failures: true, undoFailures: false };

function planOf(graphs: fc.Arbitrary<SagaGraph>, weather: Weather): fc.Arbitrary<WorldPlan> {
  const drawn = (graph: SagaGraph) =>
    fc.record({
      behaviours: behavioursOf(graph, weather),
      seed: fc.integer(),
      stamped: fc.boolean(),
    });
  return graphs.chain((graph) =>
    drawn(graph).map((rest) => {
      const plan = { graph, rough: weather.lag, ...rest };
      return Object.defineProperty(plan, fc.toStringMethod, { value: () => worldPlanText(plan) });
    }),
  );
}

test('I1, I2, I3, I10: a saga ends or is stuck, and what was done fits how it ended', () => {
  const plans = planOf(arbitraryGraph({ pivot: 'maybe', joins: 'maybe' }), storm);
  fc.assert(
    fc.property(plans, (plan) => checkEnd(plan.graph, SagaWorld.run(plan))),
    { numRuns: Number(process.env['RUNS'] ?? 4_000) },
  );
});

function checkEnd(graph: SagaGraph, { phase, ledger, coordinator, story }: WorldEnd): void {
  const told = story.join('\n');
  const { pivot } = graphRelations(graph);
  const pivotDone = pivot !== undefined && ledger.isDone(pivot.name);
  if (phase === 'completed' || pivotDone) expect(ledger.undone, told).toEqual([]);
  if (phase === 'compensated') {
    expect(ledger.left, told).toEqual([]);
    expect(pivotDone, told).toBe(false);
  }
  let isForward = true;
  for (const event of coordinator.events) {
    if (event.type === 'saga-doomed') isForward = false;
    if (event.type === 'step-succeeded' && event.step === pivot?.name) isForward = true;
    if (event.type === 'step-requested')
      expect(isForward, `forward after doom\n${told}`).toBe(true);
  }
}

test('I4: without a pivot and with time enough, every order of events ends the same way', () => {
  const plans = planOf(arbitraryGraph({ pivot: 'never', joins: 'maybe' }), calm);
  fc.assert(
    fc.property(plans, fc.array(fc.integer(), { minLength: 3, maxLength: 3 }), (plan, seeds) => {
      const first = SagaWorld.run(plan);
      expect(first.phase, first.story.join('\n')).not.toBe('stuck');
      for (const seed of seeds) {
        const { phase, story, ledger } = SagaWorld.run({ ...plan, seed });
        expect(phase, `${story.join('\n')}\nbut first\n${first.story.join('\n')}`).toBe(
          first.phase,
        );
        expect(phase === 'completed' ? ledger.undone : ledger.left, story.join('\n')).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 1_000) },
  );
});

test('I4: the same inputs in any order, some twice, lead to the same progress', () => {
  const plans = planOf(arbitraryGraph({ pivot: 'maybe', joins: 'never' }), calm);
  fc.assert(
    fc.property(plans, fc.integer(), (plan, seed) => {
      // Without a stamp the first steps are only requested when the start was read: their outcomes never precede it.
      const { inputs, story } = SagaWorld.run({ ...plan, stamped: true });
      const choice = new SeededChoice(seed);
      const twice = inputs.filter(() => choice.chance(0.3));
      const shuffled = choice.shuffled([...inputs, ...twice]);
      const orders = `${story.join('\n')}\nin the order ${shuffled.map(({ eventId }) => eventId)}`;
      expect(essence(plan.graph, foldInputs(plan.graph, shuffled)), orders).toEqual(
        essence(plan.graph, foldInputs(plan.graph, inputs)),
      );
    }),
    { numRuns: Number(process.env['RUNS'] ?? 3_000) },
  );
});
