import type { Clock } from '@troupe/core';

/** What Jaeger has of one trace. */
export interface TraceExtent {
  readonly spans: number;
  readonly services: number;
}

const waitMsMax = 5_000;
const pollMs = 250;

/** Asks Jaeger for a trace until its size is the same twice. Undefined: it has none, or does not answer. */
export async function traceExtent(
  queryUrl: string,
  traceId: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<TraceExtent | undefined> {
  const giveUpAtMs = clock.monotonicMs() + waitMsMax;
  let before: TraceExtent | undefined;
  while (clock.monotonicMs() < giveUpAtMs) {
    const extent = await askOnce(`${queryUrl}/api/traces/${traceId}`, signal);
    if (extent !== undefined && extent.spans === before?.spans) return extent;
    before = extent;
    await clock.sleep(pollMs, signal);
  }
  return before;
}

async function askOnce(url: string, signal: AbortSignal): Promise<TraceExtent | undefined> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) return undefined;
    // The decode boundary: what is not as Jaeger documents it is no trace.
    const answer = (await response.json()) as JaegerAnswer;
    const trace = answer.data?.[0];
    if (trace === undefined) return undefined;
    const services = Object.values(trace.processes ?? {}).map(({ serviceName }) => serviceName);
    return { spans: trace.spans?.length ?? 0, services: new Set(services).size };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A Jaeger that was built from its Go module alone has the API and no pages for people. */
export async function jaegerHasPages(queryUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${queryUrl}/`, { signal });
    return response.ok && !(await response.text()).includes('not the Jaeger UI');
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError) return false;
    throw error;
  }
}

interface JaegerAnswer {
  readonly data?: readonly {
    readonly spans?: readonly unknown[];
    readonly processes?: Readonly<Record<string, { readonly serviceName: string }>>;
  }[];
}
