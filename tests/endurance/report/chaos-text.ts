import type { ChaosReport } from '../run/run-chaos.ts';
import { tableLines } from './table-lines.ts';
import { verdictLines } from './verdict-text.ts';

/** The report of a run as a person reads it. */
export function chaosText(report: ChaosReport): string {
  const { faults, seed, rate, minutes, kinds } = report;
  const rows = kinds.map((one) => [
    one.kind,
    String(one.faults),
    one.awaySecondsP50.toFixed(1),
    one.recoverySecondsP50.toFixed(1),
    one.recoverySecondsMax.toFixed(1),
  ]);
  const head = ['fault', 'times', 'away p50 (s)', 'recovery p50 (s)', 'max (s)'];
  return [
    `${faults.length} faults, seed ${seed}, ${rate} orders/s, ${minutes} minutes`,
    '',
    ...tableLines([head, ...rows]),
    '',
    ...verdictLines(report),
    '',
  ].join('\n');
}
