import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** A tracing SDK for one test file, with everything that it records kept in memory. */
export class RecordedSpans {
  readonly #exporter = new InMemorySpanExporter();
  readonly #provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.#exporter })],
  });

  start(): void {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(
      new CompositePropagator({
        propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
      }),
    );
    trace.setGlobalTracerProvider(this.#provider);
  }

  async stop(): Promise<void> {
    await this.#provider.shutdown();
    trace.disable();
    propagation.disable();
    context.disable();
  }

  clear(): void {
    this.#exporter.reset();
  }

  get all(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  named(name: string): readonly ReadableSpan[] {
    return this.all.filter((span) => span.name === name);
  }

  /** The names of a trace as a tree, each below its parent, siblings in the order of their starts. */
  tree(traceId: string): readonly string[] {
    const spans = this.all.filter((span) => span.spanContext().traceId === traceId);
    const known = new Set(spans.map((span) => span.spanContext().spanId));
    const below = (parent: string | undefined, depth: number): string[] =>
      spans
        .filter((span) => {
          const { spanId } = span.parentSpanContext ?? {};
          return parent === undefined
            ? spanId === undefined || !known.has(spanId)
            : spanId === parent;
        })
        .flatMap((span) => [
          `${'  '.repeat(depth)}${span.name}`,
          ...below(span.spanContext().spanId, depth + 1),
        ]);
    return below(undefined, 0);
  }
}
