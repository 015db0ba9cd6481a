import { expect, test } from 'vitest';
import { figuresByKind } from '../run/run-chaos.ts';
import { chaosText } from './chaos-text.ts';

const fault = {
  kind: 'kill a broker',
  action: 'kill',
  target: 'broker-1',
  gapMs: 10_000,
  lastsMs: 3_000,
} as const;
const faults = [
  { ...fault, awayMs: 9_000, recoveryMs: 4_000 },
  { ...fault, awayMs: 8_000, recoveryMs: 6_000 },
  { ...fault, awayMs: 7_000, recoveryMs: undefined },
];
const orders = {
  placed: 30,
  acknowledged: 30,
  completed: 20,
  compensated: 9,
  timedOut: 1,
  stuck: 0,
  open: 1,
};
const tours = { planned: 8, acknowledged: 8 };
const log = {
  records: 400,
  sagas: 30,
  outcomes: 90,
  compensations: 12,
  repeatedOutcomes: 2,
  findings: [],
};
const report = {
  seed: 7,
  rate: 10,
  minutes: 2,
  kinds: figuresByKind(faults),
  faults,
  orders,
  tours,
  log,
};

test('times to recovery are told by kind; what did not recover is counted apart', () => {
  expect(report.kinds).toEqual([
    {
      kind: 'kill a broker',
      faults: 3,
      awaySecondsP50: 8,
      recoverySecondsP50: 4,
      recoverySecondsMax: 6,
      unrecovered: 1,
    },
  ]);
});

test('a report says what was done, what became of the orders, and what was found', () => {
  expect(chaosText({ ...report, findings: [] })).toBe(
    `3 faults, seed 7, 10 orders/s, 2 minutes

fault          times  away p50 (s)  recovery p50 (s)  max (s)
kill a broker      3           8.0               4.0      6.0

orders   30 placed, 30 acknowledged; 20 completed, 9 compensated (1 by a time limit), 0 stuck, 1 open
tours    8 planned, 8 acknowledged; every other one undone
log      400 records, 30 sagas, 12 undoings, 90 outcomes, of which 2 were sent again
audit    nothing found: nothing lost, nothing doubled, log and books agree
`,
  );
});

test('findings are listed, the first forty of them', () => {
  const findings = Array.from({ length: 42 }, (_, index) => `order-${index} is lost`);
  expect(chaosText({ ...report, findings })).toMatch(
    /audit {4}42 findings\n {2}order-0 is lost\n[\s\S]* {2}order-39 is lost\n {2}and 2 more\n$/,
  );
});
