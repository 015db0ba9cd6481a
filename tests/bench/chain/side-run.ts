import type { BareOptions, SideName } from './chain-options.ts';
import type { ChainSide, SideOptions } from './chain-side.ts';
import { ClosedLoop, type LoopOptions, type LoopResult } from './closed-loop.ts';

/** One measurement of one side, as plain data: it travels to the side's process. */
export interface SideRunRequest {
  readonly brokers: readonly string[];
  readonly partitions: number;
  readonly bare: BareOptions;
  readonly loop: LoopOptions;
}

export interface SideRunResult {
  readonly loop: LoopResult;
  /** For people: what was found beside the figures. */
  readonly notes: readonly string[];
  /** Each makes the whole benchmark fail. */
  readonly faults: readonly string[];
}

type StartSide = (options: SideOptions) => Promise<ChainSide>;

/** Neither side's process loads the code of the other one. */
const sides: Readonly<Record<SideName, () => Promise<StartSide>>> = {
  bare: async () => (await import('./bare/bare-chain.ts')).startBareChain,
  troupe: async () => (await import('./troupe/troupe-chain.ts')).startTroupeChain,
};

/** Starts the side with topics, groups and clients of its own, measures it, and stops it. */
export async function runSide(name: SideName, request: SideRunRequest): Promise<SideRunResult> {
  const { brokers, partitions, bare } = request;
  const runName = `bench-${name}-${crypto.randomUUID().slice(0, 8)}`;
  const startSide = await sides[name]();
  const loop = new ClosedLoop((chainId) => side.begin(chainId), request.loop);
  const side = await startSide({
    brokers,
    runName,
    partitions,
    bare,
    onLastEvent: (chainId, hops) => loop.lastEvent(chainId, hops),
    onFault: (error) => loop.fail(error),
  });
  try {
    const result = await loop.run();
    const { notes, faults } = await side.audit(result.begun, result.measuredUntilMs);
    return { loop: result, notes, faults };
  } finally {
    await side.stop();
  }
}
