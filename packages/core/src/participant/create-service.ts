import { TroupeError } from '../errors/troupe-error.ts';
import type { Event } from '../events/event.ts';
import { systemRandom } from '../ports/random.ts';
import { systemClock } from '../ports/system-clock.ts';
import { toGraph } from '../sagas/definition/define-saga.ts';
import type { ServicePlan } from './assemble-parts.ts';
import { InboxLease } from './inbox-lease.ts';
import { serviceLimits } from './limits.ts';
import { RunningService } from './running-service.ts';
import type { ServiceHealthReport } from './service-health.ts';
import { assertServiceName, ownHandlers, type ServiceOptions } from './service-options.ts';
import { serviceTopics } from './service-topics.ts';

/** A participant: a service that implements steps, consumes events, starts sagas. */
export interface Service {
  readonly name: string;
  /** Every topic that must exist before `start`. */
  readonly topics: readonly string[];
  /**
   * Resolves when events are being handled. Rejects, with everything released again, when something does not fit:
   * no broker, topics missing or of different partition counts, schemas incompatible, another content for a version of
   * a saga. Idempotent. Of starts and stops that overlap, the last one counts.
   */
  start(): Promise<void>;
  /**
   * Takes nothing in any more, ends what was begun within `drainTimeoutMs`, commits, closes. Idempotent. A start that is
   * under way rejects with `stopped`.
   */
  stop(): Promise<void>;
  /**
   * Publishes an event. Resolves when the broker has acknowledged it. An event that one of the service's sagas starts on
   * begins that saga; where several start on it, `saga` says which (`place-order` or `place-order@2`). `id` is for whoever
   * publishes again after an error: whoever has an inbox handles a second event of one id no second time.
   */
  publish(event: Event, options?: PublishOptions): Promise<void>;
  health(): ServiceHealthReport;
}

export interface PublishOptions {
  readonly saga?: string | undefined;
  readonly id?: string | undefined;
}

/**
 * Makes a service; opens nothing before `start`. Throws `ConfigurationError` for options that do not fit.
 *
 * @example
 * const service = createService({ name: 'inventory', transport, serde, inbox, handlers: [reserveStockHandler] })
 * await service.start()
 */
export function createService(options: ServiceOptions): Service {
  return new ParticipantService(options);
}

const notStarted: ServiceHealthReport = {
  live: true,
  ready: false,
  effects: 'at-least-once',
  problems: [],
};

class ParticipantService implements Service {
  readonly name: string;
  readonly topics: readonly string[];
  readonly #plan: ServicePlan;
  readonly #lease = new InboxLease();
  #running: RunningService | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #isStarted = false;
  #abortStart: AbortController | undefined;

  constructor(options: ServiceOptions) {
    const { name } = options;
    assertServiceName(name);
    const own = ownHandlers(name, options.handlers);
    const sagas = (options.sagas ?? []).map(toGraph);
    const topics = serviceTopics(name, own, sagas);
    this.name = name;
    this.topics = topics.all;
    this.#plan = { name, options, own, sagas, topics, limits: serviceLimits(options.limits) };
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  stop(): Promise<void> {
    const starting = this.#starting;
    if (starting === undefined) return this.#stopping ?? Promise.resolve();
    // From now on a start is another one: it waits for this stop.
    this.#starting = undefined;
    const stopping = this.#stop(starting).finally(() => {
      if (this.#stopping === stopping) this.#stopping = undefined;
    });
    this.#stopping = stopping;
    return stopping;
  }

  async publish(event: Event, options: PublishOptions = {}): Promise<void> {
    const publisher = this.#isStarted ? this.#running?.parts?.publisher : undefined;
    if (publisher === undefined) {
      throw new TroupeError(
        'stopped',
        `service ${this.name} does not run, so it cannot publish ${event['~event']}: await start() first`,
      );
    }
    const random = this.#plan.options.random ?? systemRandom;
    const { id = random.id(), saga } = options;
    await publisher.publish({ event, id, saga });
  }

  health(): ServiceHealthReport {
    const running = this.#running;
    const ready = this.#isStarted && (running?.consuming ?? false);
    return running?.health(ready) ?? notStarted;
  }

  async #start(): Promise<void> {
    const abort = new AbortController();
    this.#abortStart = abort;
    await this.#stopping?.catch(() => undefined); // whoever called stop() hears of it
    abort.signal.throwIfAborted();
    const running = new RunningService(this.#plan, this.#lease);
    this.#running = running;
    const { limits, options } = this.#plan;
    const cancel = (options.clock ?? systemClock).after(limits.startTimeoutMs, () =>
      abort.abort(startTimedOut(this.name, limits.startTimeoutMs)),
    );
    try {
      await unlessAborted(running.open(abort.signal), abort.signal);
      this.#isStarted = true;
    } catch (error) {
      const inTheWay: unknown = abort.signal.aborted ? abort.signal.reason : error;
      await running.close().catch(() => undefined); // what was in the way counts, not what followed from it
      if (this.#running === running) this.#running = undefined;
      // Not sooner: whoever stops it now waits until all is released.
      if (this.#abortStart === abort) this.#starting = undefined;
      throw inTheWay;
    } finally {
      cancel();
    }
  }

  async #stop(starting: Promise<void>): Promise<void> {
    this.#abortStart?.abort(new TroupeError('stopped', `service ${this.name} was stopped`));
    await starting.catch(() => undefined); // whoever called start() hears of it
    this.#isStarted = false;
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }
}

function startTimedOut(name: string, timeoutMs: number): TroupeError {
  return new TroupeError(
    'timed-out',
    `service ${name} did not start within ${timeoutMs} ms (limits.startTimeoutMs): a broker, the schema registry or the inbox answers too slowly, or the group does not settle`,
    { retryable: true },
  );
}

/** Settles as `running` does, or rejects with the signal's reason when that comes first. */
function unlessAborted(running: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    running.then(resolve, reject);
  });
}
