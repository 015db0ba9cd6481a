import type { ErrorCode } from '../../errors/error-code.ts';
import { TroupeError } from '../../errors/troupe-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { ServiceLimits } from '../limits.ts';
import type { ServiceHealth } from '../service-health.ts';
import { backOffMs } from './back-off.ts';
import type { Tenure } from './tenure.ts';

const outageCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'schema-unavailable',
  'store-unavailable',
  'transport-unavailable',
  // Closed by somebody else: this service may go on when it is opened again, and must not fail a saga for it.
  'stopped',
]);

/** Something that everything depends on does not answer: no fault of this record, and no attempt of its handler. */
export function isOutage(error: unknown): boolean {
  return error instanceof TroupeError && outageCodes.has(error.code);
}

export interface OutageParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: ServiceLimits;
  readonly health: ServiceHealth;
}

/** What keeps somebody from going on, as health tells it. */
export interface Obstacle {
  /** A refusal is ended by a person only, so it is tried again in calm. */
  readonly code: 'outage' | 'topic-refused' | 'record-refused';
  readonly message: string;
}

/** One party that waits for an outage to end. While there is one, the service's health says so. */
export class Outage {
  readonly #parts: OutageParts;
  readonly #subject: string;
  readonly #obstacleOf: (error: unknown) => Obstacle;
  #open: Obstacle | undefined;
  #attempts = 0;

  /** `subject` is what does not answer, for the health report. */
  constructor(parts: OutageParts, subject: string, obstacleOf = noAnswer) {
    this.#parts = parts;
    this.#subject = subject;
    this.#obstacleOf = obstacleOf;
  }

  /** Waits before the next attempt. Rejects with `Interrupted` as soon as the tenure reaches the phase `unless`. */
  async wait(error: unknown, tenure: Tenure, unless: 'ending' | 'over'): Promise<void> {
    tenure.assertNot(unless);
    const { clock, random, limits } = this.#parts;
    const { code } = this.#meet(error);
    this.#attempts += 1;
    const policy = {
      firstDelayMs: code === 'outage' ? limits.outageFirstDelayMs : limits.outageDelayMsMax,
      delayMsMax: limits.outageDelayMsMax,
    };
    await tenure.wait(clock, backOffMs(this.#attempts, policy, random.fraction()), unless);
  }

  /** It answered, or this party waits no more. */
  end(): void {
    if (this.#open !== undefined) this.#parts.health.end(this.#open.code, this.#subject);
    this.#open = undefined;
    this.#attempts = 0;
  }

  /** An outage may turn out to be a refusal, and the other way round: health says what it is now. */
  #meet(error: unknown): Obstacle {
    const met = this.#obstacleOf(error);
    if (this.#open?.code === met.code) return met;
    this.end();
    this.#open = met;
    this.#parts.health.begin(met.code, this.#subject, met.message, error);
    return met;
  }
}

/** It does not answer, for now. */
export function noAnswer(error: unknown): Obstacle {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'outage', message: `${reason} (tried again; nothing is lost)` };
}

/**
 * Does something again, however often, while what it needs does not answer. Errors that are no outage are passed on.
 * Rejects with `Interrupted` when the tenure begins to end. Synchronous where `action` is and succeeds or fails at
 * once: nearly everything does, and thousands of times a second.
 */
export function throughOutages<Result>(
  parts: OutageParts,
  tenure: Tenure,
  action: () => Result | Promise<Result>,
  isOneOf: (error: unknown) => boolean = isOutage,
): Result | Promise<Result> {
  const again = (error: unknown): Promise<Result> => {
    if (!isOneOf(error)) throw error;
    return untilAnswered(parts, tenure, action, isOneOf, error);
  };
  let result: Result | Promise<Result>;
  try {
    result = action();
  } catch (error) {
    return again(error);
  }
  return result instanceof Promise ? result.catch(again) : result;
}

async function untilAnswered<Result>(
  parts: OutageParts,
  tenure: Tenure,
  action: () => Result | Promise<Result>,
  isOneOf: (error: unknown) => boolean,
  firstError: unknown,
): Promise<Result> {
  const code = firstError instanceof TroupeError ? firstError.code : 'unknown';
  const outage = new Outage(parts, code);
  try {
    for (let error = firstError; ; ) {
      await outage.wait(error, tenure, 'ending');
      try {
        return await action();
      } catch (next) {
        if (!isOneOf(next)) throw next;
        error = next;
      }
    }
  } finally {
    outage.end();
  }
}
