import type { PartKind } from '../faults/fault-plan.ts';

/** A process of the installation that can be done harm to. It was started by this run, and nobody else is touched. */
export interface Part {
  readonly name: string;
  readonly kind: PartKind;
  readonly pid: number;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when it takes part again. */
  restart(): Promise<void>;
}
