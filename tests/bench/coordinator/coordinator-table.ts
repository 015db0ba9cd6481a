import { textTable } from '../text-table.ts';
import type { CoordinatorReport, FoldingFigures } from './coordinator-figures.ts';

const foldingTitles = ['events/s', 'events/CPU s', 'events/transaction'] as const;

/** The report for people. */
export function coordinatorTable({ intervals, open }: CoordinatorReport): string {
  const tables: string[] = [];
  if (intervals.length > 0) {
    const rows = intervals.map((one) => [String(one.commitIntervalMs), ...foldingCells(one)]);
    tables.push(textTable(['commit interval ms', ...foldingTitles], rows));
  }
  if (open.length > 0) {
    const titles = ['open sagas', 'restore s', 'CPU s', 'RSS MB', 'heap MB', ...foldingTitles];
    const rows = open.map((one) => [
      String(one.open),
      one.restoreSeconds.toFixed(2),
      one.restoreCpuSeconds.toFixed(2),
      String(one.rssMegabytes),
      String(one.heapMegabytes),
      ...foldingCells(one),
    ]);
    tables.push(textTable(titles, rows));
  }
  return tables.join('\n\n');
}

function foldingCells(figures: FoldingFigures): string[] {
  const { eventsPerSecond, eventsPerCpuSecond, eventsPerTransaction } = figures;
  return [eventsPerSecond, eventsPerCpuSecond, eventsPerTransaction].map(String);
}
