import { hopCount } from './chain-side.ts';

export interface LoopOptions {
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long chains that are in flight at the end may take to be verified. */
  readonly drainTimeoutMs: number;
}

/** What one run of a loop measured. */
export interface LoopResult {
  readonly durationMs: number;
  /** Of the chains that were verified while measuring, in that order. */
  readonly chainMs: readonly number[];
  /** Of this process, user and system, while measuring. */
  readonly cpuMs: number;
  /** Begun in all, warm-up and drain included. */
  readonly begun: number;
  /** Begun and not verified within the drain timeout. */
  readonly lost: number;
  /** Last events that came more than once: counted once. */
  readonly duplicates: number;
  /** Since the epoch. */
  readonly measuredUntilMs: number;
}

const verified = -1;
const idDigits = 12;

/**
 * Keeps `inFlight` chains in flight: when the last event of one is verified, the next one begins.
 *
 * Owns the ids of its chains and when each was begun. Does not own how a chain is begun or observed.
 *
 * Invariants
 * 1. A chain counts when its last event was seen with its id and the right number of hops, and counts once.
 * 2. Only chains verified between the end of the warm-up and the end of measuring count; all that were begun
 *    must be verified before the loop ends.
 */
export class ClosedLoop {
  readonly #begin: (chainId: string) => Promise<void>;
  readonly #options: LoopOptions;
  /** With the chain's number behind it as long as a UUID, which is what correlation ids mostly are. */
  readonly #idPrefix = crypto.randomUUID().slice(0, -idDigits);
  /** By the chain's number: when it was begun, or `verified`. */
  readonly #begunAtMs: number[] = [];
  readonly #failure = Promise.withResolvers<never>();
  readonly #drained = Promise.withResolvers<void>();
  #chainMs: number[] = [];
  #open = 0;
  #duplicates = 0;
  #phase: 'idle' | 'warming-up' | 'measuring' | 'draining' = 'idle';

  constructor(begin: (chainId: string) => Promise<void>, options: LoopOptions) {
    this.#begin = begin;
    this.#options = options;
    this.#failure.promise.catch(() => undefined); // It may come before `run` or after it.
  }

  /** Rejects when anything failed. */
  async run(): Promise<LoopResult> {
    const { inFlight, warmUpMs, measureMs, drainTimeoutMs } = this.#options;
    this.#phase = 'warming-up';
    for (let count = 0; count < inFlight; count += 1) this.#beginNext();
    await this.#orFailure(warmUpMs);
    this.#phase = 'measuring';
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    await this.#orFailure(measureMs);
    const durationMs = performance.now() - startedMs;
    const cpu = process.cpuUsage(cpuBefore);
    const measuredUntilMs = Date.now();
    this.#phase = 'draining';
    await this.#orFailure(drainTimeoutMs, this.#drained.promise);
    return {
      durationMs,
      chainMs: this.#chainMs,
      cpuMs: (cpu.user + cpu.system) / 1_000,
      begun: this.#begunAtMs.length,
      lost: this.#open,
      duplicates: this.#duplicates,
      measuredUntilMs,
    };
  }

  /** The last event of a chain was read. */
  lastEvent(chainId: string, hops: number): void {
    const number = chainId.startsWith(this.#idPrefix) ? Number(chainId.slice(-idDigits)) : -1;
    const begunAtMs = this.#begunAtMs[number];
    if (begunAtMs === undefined || hops !== hopCount) {
      this.fail(new Error(`${chainId} after ${hops} hops is no chain that was begun here.`));
      return;
    }
    if (begunAtMs === verified) {
      this.#duplicates += 1;
      return;
    }
    this.#begunAtMs[number] = verified;
    this.#open -= 1;
    if (this.#phase === 'measuring') this.#chainMs.push(performance.now() - begunAtMs);
    if (this.#phase !== 'draining') this.#beginNext();
    else if (this.#open === 0) this.#drained.resolve();
  }

  fail(error: unknown): void {
    this.#failure.reject(error);
  }

  #beginNext(): void {
    const number = this.#begunAtMs.length;
    this.#begunAtMs.push(performance.now());
    this.#open += 1;
    const chainId = this.#idPrefix + String(number).padStart(idDigits, '0');
    this.#begin(chainId).catch((error: unknown) => this.fail(error));
  }

  async #orFailure(timeoutMs: number, sooner?: Promise<void>): Promise<void> {
    const time = Promise.withResolvers<void>();
    const timer = setTimeout(time.resolve, timeoutMs);
    try {
      const ends = sooner === undefined ? [time.promise] : [time.promise, sooner];
      await Promise.race([...ends, this.#failure.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
