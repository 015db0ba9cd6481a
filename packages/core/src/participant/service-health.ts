import type { Logger } from '../ports/logger.ts';

/** What is promised of the effects of a service's handlers. */
export type EffectsGuarantee = 'effectively-once' | 'at-least-once';

/** Plain data for probes, dashboards and tests. */
export interface HealthReport {
  /** False: the service has stopped by itself; only a restart helps. */
  readonly live: boolean;
  /** True: started, a member of its group, and able to send. */
  readonly ready: boolean;
  readonly problems: readonly Problem[];
}

export interface ServiceHealthReport extends HealthReport {
  /** `effectively-once`: the inbox is durable, and all instances of the service share it. */
  readonly effects: EffectsGuarantee;
}

export interface Problem {
  readonly code: ProblemCode;
  /** Which one of its kind: a key, a topic. */
  readonly subject: string;
  /** What is the matter, and the way out. */
  readonly message: string;
  readonly sinceMs: number;
}

export type ProblemCode =
  /** The consumer ended for good. */
  | 'crashed'
  /** Broker, registry or database do not answer; it goes on by itself when they do. */
  | 'outage'
  /** A topic takes nothing from this service: it is missing, or not allowed. It goes on by itself when that is mended. */
  | 'topic-refused'
  /** A record is larger than its topic takes; its key waits. */
  | 'record-refused'
  /** The events of a key wait for a saga definition. */
  | 'key-waiting'
  /** The broker does not put its own time on the records of a topic: time limits are counted from what its producers say. */
  | 'topic-time'
  /** Two contents for one version of a saga. */
  | 'definition-conflict'
  /** No inbox, or one that forgets: at-least-once effects. */
  | 'effects-not-durable'
  /** An instance of this service has, or had, another inbox: at-least-once effects. */
  | 'effects-not-shared'
  /** Handlers outran their time and still run. */
  | 'handlers-hanging'
  /** A fault of Troupe's own; the key it hit stands still until a restart. */
  | 'internal';

/** Listed at once, beside those that block: more are listed when there is room again. */
const problemsMax = 100;

/** With those it cannot do its part at the moment. */
const blocking: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'crashed',
  'outage',
  'topic-refused',
]);

/** Those stand still until somebody does something. */
const loud: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['internal', 'record-refused']);

interface OpenProblem {
  readonly problem: Problem;
  havers: number;
}

/**
 * What is the matter with a service now.
 *
 * Owns the open problems. Each is somebody's: a record that is held, a handler that runs, a definition that was refused.
 *
 * Invariants
 * 1. Many may have the same problem: it is logged when the first does, and over when the last has it no more, whether it
 *    is listed or not.
 * 2. A problem that blocks is always listed, and decides whether the service lives and is ready.
 */
export class ServiceHealth {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #problems = new Map<string, OpenProblem>();

  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** Somebody has a problem. */
  begin(code: ProblemCode, subject: string, message: string, error?: unknown): void {
    const id = `${code} ${subject}`;
    const open = this.#problems.get(id);
    if (open !== undefined) {
      open.havers += 1;
      return;
    }
    const fields = { code, subject, ...(error === undefined ? {} : { error }) };
    if (code === 'effects-not-durable') this.#logger.info(message, fields);
    else if (blocking.has(code) || loud.has(code)) this.#logger.error(message, fields);
    else this.#logger.warn(message, fields);
    const problem = { code, subject, message, sinceMs: this.#nowMs() };
    this.#problems.set(id, { problem, havers: 1 });
  }

  /** Somebody who had begun it has it no more. */
  end(code: ProblemCode, subject: string): void {
    const id = `${code} ${subject}`;
    const open = this.#problems.get(id);
    if (open === undefined) return;
    open.havers -= 1;
    if (open.havers > 0) return;
    this.#problems.delete(id);
    this.#logger.info(`over: ${code} of ${subject}`, { code, subject });
  }

  report(running: boolean, effects: EffectsGuarantee): ServiceHealthReport {
    const open = [...this.#problems.values()].map(({ problem }) => problem);
    const blockers = open.filter(({ code }) => blocking.has(code)); // invariant 2
    const others = open.filter(({ code }) => !blocking.has(code)).slice(0, problemsMax);
    const live = blockers.every(({ code }) => code !== 'crashed');
    const ready = running && blockers.length === 0;
    return { live, ready, effects, problems: [...blockers, ...others] };
  }
}
