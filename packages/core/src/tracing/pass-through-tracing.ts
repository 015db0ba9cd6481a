import type { IncomingRecord } from '../ports/transport.ts';
import { copyTraceHeaders } from './trace-headers.ts';
import type { AttemptTrace, ProcessTrace, SendTrace, TraceHeaders, Tracing } from './tracing.ts';

const nothing = (): void => undefined;

const noHeaders: TraceHeaders = Object.freeze({});

/**
 * For a process without a tracing SDK: no spans, but the context of a record is passed on to what is sent because of it,
 * so that a trace is not cut by one service that does not take part in it.
 */
export const passThroughTracing: Tracing = {
  process: (record) => new PassThroughTrace(record),
  send: (_message, parent = noHeaders) => ({ headers: parent, end: nothing }),
  saga: nothing,
};

const silentAttempt: AttemptTrace = {
  run: (work) => work(),
  fail: nothing,
  end: nothing,
};

class PassThroughTrace implements ProcessTrace {
  readonly #record: IncomingRecord;

  constructor(record: IncomingRecord) {
    this.#record = record;
  }

  get headers(): TraceHeaders {
    return copyTraceHeaders(this.#record.headers);
  }

  send(): SendTrace {
    return { headers: this.headers, end: nothing };
  }

  attempt(): AttemptTrace {
    return silentAttempt;
  }

  event(): void {
    // No span to write it on; the same below.
  }

  outcome(): void {
    this.event();
  }

  fail(): void {
    this.event();
  }

  end(): void {
    this.event();
  }
}
