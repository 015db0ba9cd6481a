import type { SagaGraph, SagaRef } from '../sagas/graph/saga-graph.ts';
import { type HeaderFault, type MessageHeaders, readMessageHeaders } from './message-headers.ts';

/** The saga definitions that are known here, by reference. */
export interface KnownSagas<Known = SagaGraph> {
  get(saga: SagaRef): Known | undefined;
}

/** What a record is to whoever runs sagas. */
export type Admission<Known = SagaGraph> =
  /** It can never be understood: a dead letter. */
  | { readonly kind: 'refused'; readonly fault: string }
  /** It names no saga. */
  | { readonly kind: 'outside'; readonly headers: MessageHeaders }
  /** Its saga's definition has not arrived (yet). */
  | { readonly kind: 'unknown-saga'; readonly headers: MessageHeaders; readonly saga: SagaRef }
  | {
      readonly kind: 'member';
      readonly headers: MessageHeaders;
      readonly saga: SagaRef;
      readonly definition: Known;
    };

/**
 * Reads the headers and the key of a record and finds its saga: the one place that says which records are let in, for
 * participants and the coordinator alike. Pure; never throws, whatever the bytes are.
 */
export function admit<Known>(
  raw: Readonly<Record<string, Uint8Array>>,
  key: Uint8Array | null,
  sagas: KnownSagas<Known>,
): Admission<Known> {
  const headers = readMessageHeaders(raw, key);
  if (isFault(headers)) return { kind: 'refused', fault: headers.fault };
  const { saga } = headers;
  if (saga === undefined) return { kind: 'outside', headers };
  const definition = sagas.get(saga);
  return definition === undefined
    ? { kind: 'unknown-saga', headers, saga }
    : { kind: 'member', headers, saga, definition };
}

export function isFault(read: MessageHeaders | HeaderFault): read is HeaderFault {
  return 'fault' in read;
}
