import type { Event } from '../../../events/event.ts';
import type { InboxRow } from '../../../ports/inbox.ts';
import type { LogFields, Logger } from '../../../ports/logger.ts';
import type { StepContext } from '../../handler-context.ts';
import { loggerWith } from '../../handler-logger.ts';
import type { ServiceParts } from '../../service-parts.ts';
import type { Attempt } from '../attempts/attempt.ts';
import type { StepJob } from './step-job.ts';

/** The context of one call of a step's handler. What few handlers use is made when it is asked for. */
export class StepCall implements StepContext {
  readonly effectId: string;
  readonly #parts: ServiceParts;
  readonly #job: StepJob;
  readonly #attempt: Attempt;
  readonly transaction: StepContext['transaction'];

  constructor(
    parts: ServiceParts,
    job: StepJob,
    effectId: string,
    attempt: Attempt,
    settle: (event: Event) => InboxRow,
  ) {
    this.effectId = effectId;
    this.#parts = parts;
    this.#job = job;
    this.#attempt = attempt;
    // Bound: handlers like to take their context apart.
    this.transaction = (inbox, work) => attempt.transaction(inbox, work, settle);
  }

  get sagaId(): string {
    return this.#job.headers.correlationId;
  }

  get attempt(): number {
    return this.#attempt.number;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get logger(): Logger {
    const fields = { ...stepFields(this.#job), attempt: this.#attempt.number };
    return loggerWith(this.#parts.logger, fields);
  }
}

export function stepFields({ saga, headers, step }: StepJob): LogFields {
  return { saga, sagaId: headers.correlationId, step: step.name };
}
