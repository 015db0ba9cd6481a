import type { Clock } from '@troupe/core';

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock that a test moves. Timers run synchronously, in the order of their times, while it is advanced. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #elapsedMs = 0;

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(delayMs, 0), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.after(delayMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** How long until the next timer; undefined when nothing waits. */
  get nextTimerMs(): number | undefined {
    const next = this.#earliest();
    return next && next.dueMs - this.#elapsedMs;
  }

  /** Whether something waits for exactly this long from now. */
  hasTimer(delayMs: number): boolean {
    return [...this.#timers].some(({ dueMs }) => dueMs - this.#elapsedMs === delayMs);
  }

  /** Time passes, and everything that waits for it happens. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.dueMs > untilMs) break;
      this.#timers.delete(next);
      this.#pass(Math.max(next.dueMs - this.#elapsedMs, 0));
      next.run();
    }
    this.#pass(untilMs - this.#elapsedMs);
  }

  /** Somebody sets the machine's clock; no time passes. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #pass(ms: number): void {
    this.#elapsedMs += ms;
    this.#nowMs += ms;
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.dueMs < earliest.dueMs) earliest = timer;
    }
    return earliest;
  }
}
