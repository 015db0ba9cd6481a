import type { Clock } from '../../ports/clock.ts';

/** Thrown where work stops because its time is over: it was not done, and somebody else will do it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * The time for which this process may work: on a partition number while it holds it, on the whole while the service runs.
 *
 * It ends in two phases: `ending`, when nothing new is begun and nothing waits for another attempt; and `over`, when
 * what still runs is given up. Much cheaper than an AbortSignal for thousands of short waits.
 */
export class Tenure {
  #phase: 'held' | 'ending' | 'over' = 'held';
  readonly #atEnding = new Set<() => void>();
  readonly #atOver = new Set<() => void>();

  /** Nothing new is begun. */
  get ending(): boolean {
    return this.#phase !== 'held';
  }

  /** What still runs is given up. */
  get over(): boolean {
    return this.#phase === 'over';
  }

  beginEnding(): void {
    if (this.#phase !== 'held') return;
    this.#phase = 'ending';
    callAll(this.#atEnding);
  }

  end(): void {
    this.beginEnding();
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    callAll(this.#atOver);
  }

  /** Calls back once when the phase begins; at once when it has. Returns what takes it back. */
  when(phase: 'ending' | 'over', run: () => void): () => void {
    if (phase === 'ending' ? this.ending : this.over) {
      run();
      return nothing;
    }
    const waiting = phase === 'ending' ? this.#atEnding : this.#atOver;
    waiting.add(run);
    return () => waiting.delete(run);
  }

  /** Waits. Rejects with `Interrupted` as soon as the phase begins. */
  wait(clock: Clock, delayMs: number, unless: 'ending' | 'over'): Promise<void> {
    return new Promise((resolve, reject) => {
      let forget: () => void = nothing;
      const cancel = clock.after(delayMs, () => {
        forget();
        resolve();
      });
      forget = this.when(unless, () => {
        cancel();
        reject(new Interrupted());
      });
    });
  }

  /** Throws `Interrupted` when the phase has begun. */
  assertNot(phase: 'ending' | 'over'): void {
    if (phase === 'ending' ? this.ending : this.over) throw new Interrupted();
  }
}

const nothing = (): void => undefined;

function callAll(waiting: Set<() => void>): void {
  const all = [...waiting];
  waiting.clear();
  for (const run of all) run();
}
