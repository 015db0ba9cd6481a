import type { InboxRow } from '../../ports/inbox.ts';
import { publicationId } from '../../sagas/effect-id.ts';
import type { OwnEventHandler } from '../definitions/own-step.ts';
import type { EventContext } from '../handler-context.ts';
import { loggerWith } from '../handler-logger.ts';
import type { ServiceParts } from '../service-parts.ts';
import { throughOutages } from '../waiting/outage.ts';
import { Interrupted } from '../waiting/tenure.ts';
import type { Attempt } from './attempts/attempt.ts';
import { runEffect } from './attempts/run-effect.ts';
import { findRow, isFinal } from './inbox/inbox-rows.ts';
import { payloadOf, type RecordWork } from './record-work.ts';
import { sendDeadLetter } from './send-dead-letter.ts';

/** One event for a plain consumer. */
export interface EventJob extends RecordWork {
  readonly handler: OwnEventHandler;
}

/** Calls a plain consumer with an event, once its inbox says that it was not handled. */
export async function handleEvent(parts: ServiceParts, job: EventJob): Promise<void> {
  const { checkpoint, name } = parts;
  const { headers, handler, trace, tenure } = job;
  const { eventClass } = handler;
  // An event id is unique only within its source, and a source may contain slashes.
  const id = `on/${name}/${headers.type}/${encodeURIComponent(headers.source)}/${headers.id}`;
  const row = await findRow(parts, tenure, id);
  if (checkpoint !== undefined) await checkpoint('inbox-read');
  if (row !== undefined && isFinal(row)) return;
  try {
    const event = await throughOutages(parts, tenure, () =>
      parts.serde.decode(payloadOf(job), eventClass),
    );
    if (checkpoint !== undefined) await checkpoint('decoded');
    const settle = (): InboxRow => handledRow(parts);
    const call = (attempt: Attempt): Promise<void> =>
      handler.handle(event, eventContext(parts, job, id, attempt));
    const work = {
      id,
      action: 'handle',
      subject: eventClass.eventName,
      retry: undefined,
      mayHaveHappened: undefined,
      fields: () => ({
        type: headers.type,
        eventId: headers.id,
        correlationId: headers.correlationId,
      }),
      call,
      settle,
    } as const;
    const ended = await runEffect<unknown>(parts, work, trace, tenure);
    if (ended.kind === 'failed') {
      await sendDeadLetter(parts, job, ended.error, ended.attempts);
    } else if (checkpoint !== undefined) await checkpoint('outcome-recorded');
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    await sendDeadLetter(parts, job, error, 0);
  }
}

function handledRow({ clock }: ServiceParts): InboxRow {
  return { status: 'handled', outcome: undefined, recordedAtMs: clock.nowMs() };
}

function eventContext(
  parts: ServiceParts,
  { headers, trace }: EventJob,
  id: string,
  attempt: Attempt,
): EventContext {
  let published = 0;
  return {
    eventId: headers.id,
    correlationId: headers.correlationId,
    attempt: attempt.number,
    get signal() {
      return attempt.signal;
    },
    get logger() {
      const { type, id: eventId, correlationId } = headers;
      return loggerWith(parts.logger, { type, eventId, correlationId, attempt: attempt.number });
    },
    transaction: (inbox, work) => attempt.transaction(inbox, work, () => handledRow(parts)),
    publish: (event) => {
      published += 1;
      return parts.publisher.publish({
        event,
        id: publicationId(id, published),
        causationId: headers.id,
        trace: trace.headers,
      });
    },
  };
}
