import type { IncomingRecord } from '../ports/transport.ts';
import type { MessageHeaders } from '../wire/message-headers.ts';

/**
 * Spans and the passing on of their context, as participants and the coordinator see them: one saga is one trace.
 *
 * A context travels and is stored as its W3C headers. Nothing here throws: a trace never harms a message.
 */
export interface Tracing {
  /** Begins the CONSUMER span `process <topic>`, below the context in the record's headers. */
  process(
    record: IncomingRecord,
    headers: MessageHeaders | undefined,
    groupId: string,
  ): ProcessTrace;
  /** Begins the PRODUCER span `send <topic>`, below `parent`; without it, below what is active in the caller. */
  send(message: SentMessage, parent?: TraceHeaders): SendTrace;
  /** The span of a whole saga, written when it has ended. */
  saga(saga: SagaSpan): void;
}

/** `traceparent`, `tracestate` and `baggage` (or what else the process's propagator writes), each where it is known. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** One record that is being processed. Call `end` exactly once. */
export interface ProcessTrace {
  /** The context of this span, for records that are sent because of it. */
  readonly headers: TraceHeaders;
  /** Begins the PRODUCER span of a record that is sent because of this one. */
  send(message: SentMessage): SendTrace;
  /** Begins the INTERNAL span of one attempt: `execute reserve-stock`. */
  attempt(attempt: AttemptSpan): AttemptTrace;
  /** Something that happened while processing, such as a retry. */
  event(name: string, attributes: SpanFields): void;
  /** How it ended. A rejection is an answer of the business, no error. */
  outcome(outcome: string): void;
  /** Records the exception and marks the span as failed. */
  fail(error: unknown): void;
  end(): void;
}

export interface AttemptTrace {
  /** Runs `work` with this span active, so that spans that it begins are below it. */
  run<Result>(work: () => Result): Result;
  fail(error: unknown): void;
  end(): void;
}

export interface SendTrace {
  /** What to put in the record's headers. */
  readonly headers: TraceHeaders;
  /** The broker acknowledged the record, or sending it failed with `error`. */
  end(error?: unknown): void;
}

export type SpanFields = Readonly<Record<string, string | number | boolean>>;

export interface SentMessage {
  readonly topic: string;
  /** Its `ce_id`. */
  readonly id: string;
  readonly correlationId: string;
  readonly bodyBytes: number;
  readonly saga?: string | undefined;
  readonly step?: string | undefined;
  readonly outcome?: string | undefined;
}

export interface AttemptSpan {
  readonly action: 'execute' | 'compensate' | 'handle';
  /** The step's name, or the event's type for a plain consumer. */
  readonly subject: string;
  /** From 1. */
  readonly attempt: number;
}

export interface SagaSpan {
  /** `place-order@1#9f86d081`. */
  readonly saga: string;
  readonly correlationId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: 'completed' | 'compensated' | 'stuck';
  /** Why it was undone, or is stuck, and by which step. */
  readonly cause?: string | undefined;
  readonly step?: string | undefined;
  /** Events that no definition expects, or outcomes that contradict each other, were seen so often. */
  readonly deviations: number;
  /** The context of its start event. */
  readonly parent: TraceHeaders;
}
