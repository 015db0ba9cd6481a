import { graphRelations, type SagaGraph } from '@troupe/core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { behavioursOf, type Weather } from './behaviour.ts';
import { essence, foldInputs, saidByOthers } from './open-loop.ts';
import { SagaWorld, type WorldEnd } from './saga-world.ts';
import { SeededChoice } from './seeded-choice.ts';
import { type WorldPlan, worldPlanText } from './world-plan.ts';

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
    fc.property(plans, (plan) => {
      const end = SagaWorld.run(plan);
      const told = end.story.join('\n');
      expectEffectsToFit(plan, end, told);
      expectPurposeToBeReached(plan, end, told);
      expectStuckToHaveCause(plan, end, told);
      expectNoWorkAfterDoom(plan, end, told);
    }),
    { numRuns: 3_000 },
  );
});

/** I3, on the effects themselves. Order and number were checked as they happened. */
function expectEffectsToFit({ graph }: WorldPlan, { phase, ledger }: WorldEnd, told: string): void {
  const { pivot } = graphRelations(graph);
  const pivotDone = pivot !== undefined && ledger.isDone(pivot.name);
  if (phase === 'completed' || pivotDone) expect(ledger.undone, told).toEqual([]);
  if (phase === 'compensated') {
    expect(ledger.left, told).toEqual([]);
    expect(pivotDone, told).toBe(false);
  }
}

/** Rules 4 and 6: completed means that nothing is open, nothing was refused for good, and the pivot was not left out. */
function expectPurposeToBeReached({ graph }: WorldPlan, end: WorldEnd, told: string): void {
  if (end.phase !== 'completed') return;
  const { pivot, handledRejections } = graphRelations(graph);
  for (const { name } of graph.steps) {
    expect(end.participants.isDecided(name), `${name} is open\n${told}`).toBe(true);
    if (handledRejections.has(name)) continue;
    expect(end.participants.statusOf(name), `${name}\n${told}`).not.toBe('rejected');
    if (name === pivot?.name) expect(end.participants.statusOf(name), told).toBe('succeeded');
  }
}

/** Rules 6 and 8: where nothing was late, a saga is undone for a refusal that nobody handles, or a failure. */
function expectUndoingToHaveCause(plan: WorldPlan, end: WorldEnd, told: string): void {
  if (end.phase !== 'compensated') return;
  const { handledRejections } = graphRelations(plan.graph);
  const causes = plan.graph.steps.filter(({ name }) => {
    const status = end.participants.statusOf(name);
    const { execute = 'succeed' } = plan.behaviours.get(name) ?? {};
    // A step that failed was cancelled since, where it had been in doubt.
    return execute.startsWith('fail') || (status === 'rejected' && !handledRejections.has(name));
  });
  expect(causes.length, told).toBeGreaterThan(0);
}

/** I1 does not mean that a saga may be stuck whenever it likes. */
function expectStuckToHaveCause(plan: WorldPlan, { coordinator }: WorldEnd, told: string): void {
  const { reason, step = '' } = coordinator.progress?.stuck ?? {};
  if (reason === undefined) return;
  const { execute, compensate, hears } = plan.behaviours.get(step) ?? {};
  const fails = execute?.startsWith('fail') === true;
  const causes: Partial<Record<typeof reason, boolean>> = {
    'pivot-in-doubt': fails && execute !== 'fail-not-done',
    'compensation-failed': compensate === 'fail',
    'failed-after-pivot': fails || hears === 'silent',
    'rejected-beside-pivot': execute === 'reject',
    'cancelled-before-pivot': true,
  };
  expect(causes[reason] ?? false, `${reason} ${step}\n${told}`).toBe(true);
}

function expectNoWorkAfterDoom({ graph }: WorldPlan, end: WorldEnd, told: string): void {
  const { pivot } = graphRelations(graph);
  let isForward = true;
  for (const event of end.coordinator.events) {
    if (event.type === 'saga-doomed') isForward = false;
    if (event.type === 'step-succeeded' && event.step === pivot?.name) isForward = true;
    if (event.type === 'step-requested') expect(isForward, told).toBe(true);
  }
}

test('I4: without a pivot and with time enough, every order of events ends the same way', () => {
  const plans = planOf(arbitraryGraph({ pivot: 'never', joins: 'maybe' }), calm);
  fc.assert(
    fc.property(plans, fc.array(fc.integer(), { minLength: 3, maxLength: 3 }), (plan, seeds) => {
      const first = SagaWorld.run(plan);
      expect(first.phase, first.story.join('\n')).not.toBe('stuck');
      expectUndoingToHaveCause(plan, first, first.story.join('\n'));
      expectPurposeToBeReached(plan, first, first.story.join('\n'));
      for (const seed of seeds) {
        const { phase, story, ledger } = SagaWorld.run({ ...plan, seed });
        expect(phase, `${story.join('\n')}\nbut first\n${first.story.join('\n')}`).toBe(
          first.phase,
        );
        expect(phase === 'completed' ? ledger.undone : ledger.left, story.join('\n')).toEqual([]);
      }
    }),
    { numRuns: 700 },
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
      const others = saidByOthers(plan.graph, inputs).filter(() => choice.chance(0.3));
      const ordered = [...inputs, ...others];
      const shuffled = choice.shuffled([...ordered, ...twice]);
      const orders = `${story.join('\n')}\nin the order ${shuffled.map(({ eventId }) => eventId)}`;
      expect(essence(plan.graph, foldInputs(plan.graph, shuffled)), orders).toEqual(
        essence(plan.graph, foldInputs(plan.graph, ordered)),
      );
    }),
    { numRuns: 2_000 },
  );
});
