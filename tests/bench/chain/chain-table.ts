import { textTable } from '../text-table.ts';
import type { ChainReport } from './chain-figures.ts';

const titles = ['in flight', 'side', 'chains/s', 'p50 ms', 'p99 ms', 'CPU s per 1000'] as const;

/** The report for people: the levels one after another, under each both sides and their ratio. */
export function chainTable({ bare, troupe, ratio }: ChainReport): string {
  const levels = [...new Set([...bare, ...troupe].map(({ inFlight }) => inFlight))];
  const rows = levels.flatMap((level) => {
    const figures = (['bare', 'troupe'] as const).flatMap((side) =>
      (side === 'bare' ? bare : troupe)
        .filter(({ inFlight }) => inFlight === level)
        .map((one) => [
          String(level),
          side,
          one.chainsPerSecond.toFixed(0),
          one.chainMsP50.toFixed(2),
          one.chainMsP99.toFixed(2),
          one.cpuSecondsPer1000Chains.toFixed(3),
        ]),
    );
    const ratios = ratio
      .filter(({ inFlight }) => inFlight === level)
      .flatMap((one) => {
        const { chainsPerSecond, chainMsP50, cpuSecondsPer1000Chains } = one;
        const range = one.chainsPerSecondRange.map((value) => value.toFixed(2)).join(' to ');
        const [chains, p50, cpu] = [chainsPerSecond, chainMsP50, cpuSecondsPer1000Chains].map(
          (value) => value.toFixed(2),
        );
        return [
          [String(level), 'ratio', chains ?? '', p50 ?? '', '', cpu ?? ''],
          [String(level), 'of rounds', range, '', '', ''],
        ];
      });
    return [...figures, ...ratios];
  });
  return textTable(titles, rows);
}
