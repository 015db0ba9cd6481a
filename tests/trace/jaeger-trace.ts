/** One span, as Jaeger gives it back. */
export interface JaegerSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** `service.name` of the process that wrote it. */
  readonly service: string;
  /** Attributes, kind (`span.kind`) and status (`otel.status_code`). */
  readonly tags: Readonly<Record<string, unknown>>;
  /** By name, with their attributes. */
  readonly events: readonly { readonly name: string; readonly fields: Record<string, unknown> }[];
  readonly startUs: number;
  readonly endUs: number;
}

/** A trace as a tree of spans. */
export class JaegerTrace {
  readonly spans: readonly JaegerSpan[];
  readonly #byId: ReadonlyMap<string, JaegerSpan>;

  constructor(spans: readonly JaegerSpan[]) {
    this.spans = spans;
    this.#byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /** What the query API knows of a trace at the moment; it has no spans where Jaeger has none yet. */
  static async read(queryUrl: string, traceId: string): Promise<JaegerTrace> {
    const response = await fetch(`${queryUrl}/api/traces/${traceId}`);
    if (response.status === 404) return new JaegerTrace([]);
    const { data } = (await response.json()) as Answer;
    return new JaegerTrace(data.flatMap(readSpans));
  }

  parentOf(span: JaegerSpan): JaegerSpan | undefined {
    return span.parentId === undefined ? undefined : this.#byId.get(span.parentId);
  }

  /** Spans that name a parent which is not there. */
  get orphans(): readonly JaegerSpan[] {
    return this.spans.filter((span) => span.parentId !== undefined && !this.parentOf(span));
  }

  named(name: string, service?: string): readonly JaegerSpan[] {
    return this.spans.filter(
      (span) => span.name === name && (service === undefined || span.service === service),
    );
  }

  /** `order: send shop.orders > inventory: process shop.orders > ...`, from the root to the span. */
  pathOf(span: JaegerSpan): string {
    const parent = this.parentOf(span);
    const own = `${span.service}: ${span.name}`;
    return parent === undefined ? own : `${this.pathOf(parent)} > ${own}`;
  }
}

interface Answer {
  readonly data: readonly AnsweredTrace[];
}

interface AnsweredTrace {
  readonly spans: readonly AnsweredSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

interface AnsweredSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly Tag[];
  readonly logs: readonly { readonly fields: readonly Tag[] }[];
  readonly processID: string;
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

function readSpans({ spans, processes }: AnsweredTrace): JaegerSpan[] {
  return spans.map((span) => ({
    traceId: span.traceID,
    spanId: span.spanID,
    parentId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
    name: span.operationName,
    service: processes[span.processID]?.serviceName ?? '',
    tags: fieldsOf(span.tags),
    events: span.logs.map(({ fields }) => {
      const { event, ...others } = fieldsOf(fields);
      return { name: String(event), fields: others };
    }),
    startUs: span.startTime,
    endUs: span.startTime + span.duration,
  }));
}

function fieldsOf(tags: readonly Tag[]): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
