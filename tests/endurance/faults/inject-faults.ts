import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../shop/part.ts';
import type { PlannedFault } from './fault-plan.ts';

export interface InjectedFault extends PlannedFault {
  /** From the fault until the part was back: started again, or woken. */
  readonly awayMs: number;
  /** See `timeToRecovery`. Undefined: it did not recover. */
  readonly recoveryMs: number | undefined;
}

export interface InjectorParts {
  readonly parts: readonly Part[];
  readonly recovery: (faultAtMs: number) => Promise<number | undefined>;
  /** Resolves when the brokers can lose one again. */
  readonly inSync: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onInjected: (fault: InjectedFault) => void;
}

/** One after the other, none before the one before it is over: its time to recovery is its own. */
export async function injectFaults(
  plan: readonly PlannedFault[],
  injector: InjectorParts,
): Promise<readonly InjectedFault[]> {
  const { signal, onInjected } = injector;
  const injected: InjectedFault[] = [];
  let beforeMs = performance.now();
  for (const planned of plan) {
    const waitMs = beforeMs + planned.gapMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
    beforeMs = performance.now();
    const fault = await inject(planned, injector);
    injected.push(fault);
    onInjected(fault);
  }
  return injected;
}

async function inject(
  planned: PlannedFault,
  { parts, recovery, inSync, signal }: InjectorParts,
): Promise<InjectedFault> {
  const { action, target, lastsMs } = planned;
  const part = parts.find(({ name }) => name === target);
  if (part === undefined) throw new Error(`there is no part ${target}`);
  const faultAtMs = performance.now();
  await (action === 'kill' ? part.kill() : part.pause());
  const recovering = recovery(faultAtMs);
  const back = async () => {
    try {
      await delay(lastsMs, undefined, { signal });
    } finally {
      // What is frozen would not even hear that it shall end.
      if (action === 'freeze') await part.resume();
    }
    if (action === 'kill') await part.restart();
    return performance.now() - faultAtMs;
  };
  const [awayMs, recoveryMs] = await Promise.all([back(), recovering]);
  if (part.kind === 'broker') await inSync();
  return { ...planned, awayMs, recoveryMs };
}
