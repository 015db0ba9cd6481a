import { percentile } from '../../bench/chain/percentile.ts';
import { type FaultKind, faultKinds, planFaults } from '../faults/fault-plan.ts';
import { type InjectedFault, injectFaults } from '../faults/inject-faults.ts';
import { timeToRecovery } from '../faults/time-to-recovery.ts';
import type { ChaosOptions } from '../options/endurance-options.ts';
import { allInSync } from '../shop/three-brokers.ts';
import { EnduranceRun, type RunOptions, type Verdict } from './endurance-run.ts';

export interface ChaosReport extends Verdict {
  readonly seed: number;
  readonly rate: number;
  readonly minutes: number;
  readonly kinds: readonly KindFigures[];
  readonly faults: readonly InjectedFault[];
}

/** Of all faults of one kind, in seconds from the fault on. */
export interface KindFigures {
  readonly kind: FaultKind;
  readonly faults: number;
  /** Until the part was back. */
  readonly awaySecondsP50: number;
  /** Until orders placed after the fault went through in every partition. */
  readonly recoverySecondsP50: number;
  readonly recoverySecondsMax: number;
  readonly unrecovered: number;
}

export async function runChaos(
  { faults: count, seed, rate }: ChaosOptions,
  surroundings: Omit<RunOptions, 'seed' | 'rate'>,
): Promise<ChaosReport> {
  const { signal, say } = surroundings;
  const startedAtMs = performance.now();
  const run = await EnduranceRun.open({ ...surroundings, seed, rate });
  try {
    const { parts, kafka, partitions } = run.shop;
    const namesOf = (kind: string) =>
      parts.filter((part) => part.kind === kind).map(({ name }) => name);
    const plan = planFaults(seed, count, {
      service: namesOf('service'),
      coordinator: namesOf('coordinator'),
      broker: namesOf('broker'),
    });
    const { flow, series } = run;
    let done = 0;
    const faults = await injectFaults(plan, {
      parts,
      signal,
      recovery: (faultAtMs) => timeToRecovery({ flow, series, partitions, signal }, faultAtMs),
      inSync: () =>
        allInSync(kafka, signal).catch((error: unknown) => run.fault(`brokers: ${String(error)}`)),
      onInjected: (fault) => {
        done += 1;
        say(`${done} of ${count}: ${lineOf(fault)}; ${flow.placed} orders, ${flow.open} open`);
        if (fault.recoveryMs === undefined) run.fault(`${lineOf(fault)}: no recovery`);
      },
    });
    const verdict = await run.judge();
    const minutes = hundredths((performance.now() - startedAtMs) / 60_000);
    return { seed, rate, minutes, ...verdict, kinds: figuresByKind(faults), faults };
  } finally {
    await run.close();
  }
}

function lineOf({ kind, target, awayMs, recoveryMs }: InjectedFault): string {
  const recovery =
    recoveryMs === undefined ? 'not recovered' : `recovered in ${seconds(recoveryMs)} s`;
  return `${kind} (${target}), away for ${seconds(awayMs)} s, ${recovery}`;
}

export function figuresByKind(faults: readonly InjectedFault[]): readonly KindFigures[] {
  return faultKinds.flatMap((kind) => {
    const own = faults.filter((fault) => fault.kind === kind);
    if (own.length === 0) return [];
    const recoveries = own.flatMap(({ recoveryMs }) =>
      recoveryMs === undefined ? [] : [recoveryMs],
    );
    const aways = own.map(({ awayMs }) => awayMs);
    return {
      kind,
      faults: own.length,
      awaySecondsP50: hundredths(percentile(aways, 0.5) / 1_000),
      recoverySecondsP50: hundredths(percentile(recoveries, 0.5) / 1_000),
      recoverySecondsMax: hundredths(percentile(recoveries, 1) / 1_000),
      unrecovered: own.length - recoveries.length,
    };
  });
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
