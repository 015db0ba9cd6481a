import { NotDone, RetryableError, TerminalError } from '@troupe/core';

/** How a handler ends, where it does not throw. */
export type Ending = 'succeeds' | 'refuses';

/** What a handler does when it is called. */
export type Play = () => Ending | Promise<Ending>;

export const succeeds: Play = () => 'succeeds';
export const refuses: Play = () => 'refuses';

/** Fails for good: it may have happened. */
export const breaks: Play = () => {
  throw new TerminalError('it broke');
};

/** Fails for good, and says that nothing happened. */
export const didNothing: Play = () => {
  throw new NotDone('the other side was not even asked');
};

export const breaksForNow: Play = () => {
  throw new RetryableError('it broke for now');
};

/** One after the other, the last one again and again. */
export function inTurn(...plays: readonly [Play, ...Play[]]): Play {
  let calls = 0;
  return () => {
    const play = plays[Math.min(calls, plays.length - 1)] ?? plays[0];
    calls += 1;
    return play();
  };
}

/** A handler that has begun, and goes on when the scenario says so. */
export class Held {
  readonly #begun = Promise.withResolvers<void>();
  readonly #gate = Promise.withResolvers<Play>();

  /** Resolves when the handler was called. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  release(play: Play = succeeds): void {
    this.#gate.resolve(play);
  }

  readonly play: Play = async () => {
    this.#begun.resolve();
    const play = await this.#gate.promise;
    return play();
  };
}
