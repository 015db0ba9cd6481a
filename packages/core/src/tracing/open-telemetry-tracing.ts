import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  attemptAttributes,
  processAttributes,
  sagaAttributes,
  sendAttributes,
} from './span-attributes.ts';
import { recordGetter, traceHeadersGetter, traceHeadersSetter } from './trace-headers.ts';
import type {
  AttemptSpan,
  AttemptTrace,
  ProcessTrace,
  SendTrace,
  SentMessage,
  SpanFields,
  TraceHeaders,
  Tracing,
} from './tracing.ts';

/** Spans by whatever SDK the process has started, contexts by its propagator. */
export function openTelemetryTracing(tracer: Tracer): Tracing {
  return {
    process(record, headers, groupId) {
      // A malformed context is no context: the propagator then gives back the root, and a new trace begins.
      const parent = propagation.extract(ROOT_CONTEXT, record.headers, recordGetter);
      const attributes = processAttributes(record, headers, groupId);
      const kind = SpanKind.CONSUMER;
      const span = tracer.startSpan(`process ${record.topic}`, { kind, attributes }, parent);
      return new SpanOfProcess(tracer, span, parent);
    },
    send(message, parent) {
      const above =
        parent === undefined
          ? context.active()
          : propagation.extract(ROOT_CONTEXT, parent, traceHeadersGetter);
      return startSend(tracer, message, above);
    },
    saga(saga) {
      const parent = propagation.extract(ROOT_CONTEXT, saga.parent, traceHeadersGetter);
      const attributes = sagaAttributes(saga);
      const name = `saga ${saga.saga.split('@', 1)[0]}`;
      const span = tracer.startSpan(name, { attributes, startTime: saga.startMs }, parent);
      if (saga.outcome === 'stuck') span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(saga.endMs);
    },
  };
}

class SpanOfProcess implements ProcessTrace {
  readonly #tracer: Tracer;
  readonly #span: Span;
  /** With this span in it, and the sender's baggage. */
  readonly #context: Context;

  constructor(tracer: Tracer, span: Span, parent: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  get headers(): TraceHeaders {
    return headersOf(this.#context);
  }

  send(message: SentMessage): SendTrace {
    return startSend(this.#tracer, message, this.#context);
  }

  attempt(attempt: AttemptSpan): AttemptTrace {
    const name = `${attempt.action} ${attempt.subject}`;
    const attributes = attemptAttributes(attempt);
    const span = this.#tracer.startSpan(name, { attributes }, this.#context);
    const active = trace.setSpan(this.#context, span);
    return {
      run: (work) => context.with(active, work),
      fail: (error) => markFailed(span, error),
      end: () => span.end(),
    };
  }

  event(name: string, attributes: SpanFields): void {
    this.#span.addEvent(name, attributes);
  }

  outcome(outcome: string): void {
    this.#span.setAttribute('troupe.outcome', outcome);
  }

  fail(error: unknown): void {
    markFailed(this.#span, error);
  }

  end(): void {
    this.#span.end();
  }
}

function startSend(tracer: Tracer, message: SentMessage, parent: Context): SendTrace {
  const attributes = sendAttributes(message);
  const kind = SpanKind.PRODUCER;
  const span = tracer.startSpan(`send ${message.topic}`, { kind, attributes }, parent);
  return {
    headers: headersOf(trace.setSpan(parent, span)),
    end(error) {
      if (error !== undefined) markFailed(span, error);
      span.end();
    },
  };
}

function headersOf(of: Context): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(of, headers, traceHeadersSetter);
  return headers;
}

function markFailed(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
  span.setAttribute('error.type', errorType(error));
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
