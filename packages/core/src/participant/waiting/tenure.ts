import type { Clock } from '../../ports/clock.ts';

/** Thrown where work stops because its time is over: it was not done, and somebody else will do it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * `ending`: no further record is begun, and nothing waits for a slot, another attempt, a definition or the end of an
 * outage: a record that was begun and has to is interrupted, also before its handler was called. Any other is brought to
 * its end, its handler called if it was not, its outcome sent. `over`: what still runs is given up.
 */
export type TenurePhase = 'ending' | 'over';

/**
 * The time for which this process may work: on a partition number while it holds it, on the whole while the service runs.
 * It ends in two phases.
 */
export interface Tenure {
  readonly ending: boolean;
  readonly over: boolean;
  /** Calls back once when the phase begins; at once when it has. Returns what takes it back. */
  when(phase: TenurePhase, run: () => void): () => void;
  /** Throws `Interrupted` when the phase has begun. */
  assertNot(phase: TenurePhase): void;
  /**
   * Waits, or less when it is woken up before: `onWake` is given what wakes it and returns what takes that back. Rejects
   * with `Interrupted` as soon as the phase begins.
   */
  wait(clock: Clock, delayMs: number, unless: TenurePhase, onWake?: OnWake): Promise<void>;
}

export type OnWake = (wake: () => void) => () => void;

/** A tenure and its end. Much cheaper than an AbortSignal for thousands of short waits. */
export class EndableTenure implements Tenure {
  #phase: 'held' | TenurePhase = 'held';
  readonly #atEnding = new Set<() => void>();
  readonly #atOver = new Set<() => void>();

  get ending(): boolean {
    return this.#phase !== 'held';
  }

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

  when(phase: TenurePhase, run: () => void): () => void {
    if (this.#has(phase)) {
      run();
      return nothing;
    }
    const waiting = phase === 'ending' ? this.#atEnding : this.#atOver;
    waiting.add(run);
    return () => waiting.delete(run);
  }

  assertNot(phase: TenurePhase): void {
    if (this.#has(phase)) throw new Interrupted();
  }

  wait(clock: Clock, delayMs: number, unless: TenurePhase, onWake?: OnWake): Promise<void> {
    return new Promise((resolve, reject) => {
      const undo: (() => void)[] = [];
      const ended = (settle: () => void) => () => {
        for (const one of undo) one();
        settle();
      };
      undo.push(clock.after(delayMs, ended(resolve)));
      if (onWake !== undefined) undo.push(onWake(ended(resolve)));
      undo.push(
        this.when(
          unless,
          ended(() => reject(new Interrupted())),
        ),
      );
    });
  }

  #has(phase: TenurePhase): boolean {
    return phase === 'ending' ? this.ending : this.over;
  }
}

const nothing = (): void => undefined;

function callAll(waiting: Set<() => void>): void {
  const all = [...waiting];
  waiting.clear();
  for (const run of all) run();
}
