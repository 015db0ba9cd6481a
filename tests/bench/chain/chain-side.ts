import type { BareOptions } from './chain-options.ts';

/** Chains of four hops; one side of the comparison runs them by hand, the other by Troupe. */
export const hopCount = 4;

/** What both sides are given. */
export interface SideOptions {
  readonly brokers: readonly string[];
  /** Names everything of this run of this side, so that nothing is shared with another run. */
  readonly runName: string;
  readonly partitions: number;
  /** What the side by hand is like. */
  readonly bare: BareOptions;
  /** The last event of a chain was read from its topic; `hops` is how many hops it says it made. */
  readonly onLastEvent: (chainId: string, hops: number) => void;
  /** The side cannot go on. */
  readonly onFault: (error: unknown) => void;
}

/** One side, started: its topics exist, its consumers are in their groups. */
export interface ChainSide {
  /** Sends the start event of a chain. Resolves when the broker has acknowledged it. */
  begin(chainId: string): Promise<void>;
  /**
   * What the side knows about the chains that were begun, beyond their last events. Call when all of these were
   * verified. `measuredUntilMs` (since the epoch) is when measuring ended.
   */
  audit(chains: number, measuredUntilMs: number): Promise<SideAudit>;
  stop(): Promise<void>;
}

export interface SideAudit {
  /** For people: what was found beside the figures. */
  readonly notes: readonly string[];
  /** Each makes the whole benchmark fail. */
  readonly faults: readonly string[];
}
