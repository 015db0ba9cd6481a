import type { IHeaders } from 'kafkajs';

/** What names an event, beside its correlation id, which is the same in a whole chain. */
export interface EventName {
  readonly source: string;
  readonly type: string;
  readonly step?: string | undefined;
}

const saga = 'chain@1#9f86d081884c7d65';

/**
 * The headers of the start event: those that Troupe's events have, because whoever reads an event needs to know what it
 * is, which it is, when and where it came from, and what it belongs to, however it was written.
 */
export function startHeaders(chainId: string, name: EventName): IHeaders {
  return {
    ce_specversion: '1.0',
    ce_id: crypto.randomUUID(),
    ce_source: name.source,
    ce_type: name.type,
    ce_time: new Date().toISOString(),
    'content-type': 'application/avro',
    ce_correlationid: chainId,
    ce_saga: saga,
  };
}

/** The headers of what follows from an event that has `cause` for its headers. */
export function nextHeaders(cause: IHeaders, name: EventName): IHeaders {
  return {
    ce_specversion: '1.0',
    ce_id: crypto.randomUUID(),
    ce_source: name.source,
    ce_type: name.type,
    ce_time: new Date().toISOString(),
    'content-type': 'application/avro',
    ce_correlationid: cause['ce_correlationid'],
    ce_causationid: cause['ce_id'],
    ce_saga: cause['ce_saga'],
    ce_step: name.step,
  };
}
