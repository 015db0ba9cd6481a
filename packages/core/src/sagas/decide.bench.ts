import { graphOf } from '@troupe/testing/saga-script';
import { test } from 'vitest';
import { decide } from './decide.ts';
import { sagaRef } from './graph/saga-graph.ts';
import type { Progress } from './progress.ts';
import { nextTimerAtMs } from './rules/time.ts';
import type { OutcomeInput, SagaInput } from './saga-input.ts';
import { defaultSagaLimits } from './saga-limits.ts';

// As a coordinator calls the rules: for every event of every saga `decide`, and when the saga is next due.
// `vitest bench --run packages/core/src/sagas/decide.bench.ts`

const graph = graphOf({
  steps: {
    reserve: { after: 'start', rejects: true, compensates: true },
    charge: { after: 'start', rejects: true, compensates: true },
    ship: { after: ['start', 'reserve', 'charge'], pivot: true },
    notify: { after: 'ship' },
    archive: { after: 'notify' },
  },
});
const saga = sagaRef(graph);
const of = { saga, sagaId: '1', atMs: 1_000 };
const started: SagaInput = { kind: 'started', ...of, eventId: 'start', stamped: true };
const outcome = (step: string, kind: 'succeeded' | 'rejected'): OutcomeInput => {
  return { kind, ...of, step, eventId: `${step} ${kind}` };
};
const undoes = 'reserve succeeded';
const completed: SagaInput[] = [
  started,
  ...['reserve', 'charge', 'ship', 'notify', 'archive'].map((step) => outcome(step, 'succeeded')),
];
const compensated: SagaInput[] = [
  started,
  outcome('reserve', 'succeeded'),
  outcome('charge', 'rejected'),
  { kind: 'compensated', ...of, step: 'reserve', eventId: 'reserve undone', undoes },
];

function fold(inputs: readonly SagaInput[]): Progress | undefined {
  let progress: Progress | undefined;
  for (const input of inputs) {
    progress = decide(graph, progress, input, 2_000, defaultSagaLimits).progress;
    if (progress !== undefined) nextTimerAtMs(graph, progress, defaultSagaLimits);
  }
  return progress;
}

test('a saga of five steps', async ({ bench }) => {
  await bench(`${completed.length} events, completed`, () => void fold(completed)).run();
  await bench(`${compensated.length} events, compensated`, () => void fold(compensated)).run();
});
