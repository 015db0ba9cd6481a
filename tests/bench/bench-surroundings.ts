/** What was measured was not as it must be (an event was lost, say): then no figure counts. */
export class BenchFault extends Error {
  override readonly name = 'BenchFault';
}

export interface BenchSurroundings {
  readonly brokers: readonly string[];
  readonly signal: AbortSignal;
  /** Tells people how it goes. */
  readonly say: (line: string) => void;
}
