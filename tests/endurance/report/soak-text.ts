import type { SoakReport } from '../run/run-soak.ts';
import { tableLines } from './table-lines.ts';
import { verdictLines } from './verdict-text.ts';

/** The report of a run as a person reads it. */
export function soakText(report: SoakReport): string {
  const { minutes, seed, rate, endedPerSecond, orderMsP50, orderMsP99, memory, lags } = report;
  const rows = Object.entries(memory).map(([name, figures]) => [
    name,
    ...[figures.firstMb, figures.lastMb, figures.maxMb, figures.mbPerHour].map((value) =>
      value.toFixed(0),
    ),
  ]);
  return [
    `${minutes} minutes, seed ${seed}, ${rate} orders/s`,
    '',
    ...tableLines([['memory (MB)', 'first', 'last', 'most', 'per hour'], ...rows]),
    '',
    `ended    ${endedPerSecond}/s; median ${orderMsP50} ms, p99 ${orderMsP99} ms from placing to the end`,
    `lag      ${Object.entries(lags)
      .map(([group, lag]) => `${group} ${lag}`)
      .join(', ')}`,
    ...verdictLines(report),
    '',
  ].join('\n');
}
