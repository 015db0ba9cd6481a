import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { headerLimits, headerNames } from '../wire/header-names.ts';
import { readText } from '../wire/header-text.ts';
import type { TraceHeaders } from './tracing.ts';

type RawHeaders = Readonly<Record<string, Uint8Array>>;

const w3cHeaders = [headerNames.traceParent, headerNames.traceState, headerNames.baggage] as const;

/** A trace header as text. What is too long or no text counts as missing, so that a new trace begins. */
function readTraceHeader(headers: RawHeaders, name: string): string | undefined {
  const bytes = headers[name];
  return bytes === undefined ? undefined : readText(bytes, headerLimits.traceBytesMax);
}

/** The context of a record as it came, to pass on unchanged. */
export function copyTraceHeaders(headers: RawHeaders): TraceHeaders {
  const copy: Record<string, string> = {};
  for (const name of w3cHeaders) {
    const value = readTraceHeader(headers, name);
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

/** How a propagator reads the headers of a record. */
export const recordGetter: TextMapGetter<RawHeaders> = {
  get: readTraceHeader,
  keys: (headers) => Object.keys(headers),
};

/** How a propagator reads a context that was stored. */
export const traceHeadersGetter: TextMapGetter<TraceHeaders> = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};

export const traceHeadersSetter: TextMapSetter<Record<string, string>> = {
  set(headers, name, value) {
    headers[name] = value;
  },
};
