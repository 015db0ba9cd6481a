import type { Verdict } from '../run/endurance-run.ts';

const shownMax = 40;

export function verdictLines({ orders, tours, log, findings }: Verdict): string[] {
  const { placed, acknowledged, completed, compensated, timedOut, stuck, open } = orders;
  return [
    `orders   ${placed} placed, ${acknowledged} acknowledged; ${completed} completed, ${compensated} compensated (${timedOut} by a time limit), ${stuck} stuck, ${open} open`,
    `tours    ${tours.planned} planned, ${tours.acknowledged} acknowledged; every other one undone`,
    `log      ${log.records} records, ${log.sagas} sagas, ${log.compensations} undoings, ${log.outcomes} outcomes, of which ${log.repeatedOutcomes} were sent again`,
    findings.length === 0
      ? 'audit    nothing found: nothing lost, nothing doubled, log and books agree'
      : `audit    ${findings.length} findings`,
    ...findings.slice(0, shownMax).map((finding) => `  ${finding}`),
    ...(findings.length > shownMax ? [`  and ${findings.length - shownMax} more`] : []),
  ];
}
