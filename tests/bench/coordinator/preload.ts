import { randomUUID } from 'node:crypto';
import { type OutgoingRecord, type Producer, type Serde, toGraph } from '@troupe/core';
import { effectId, outcomeId, sagaRef, writeMessageHeaders } from '@troupe/core/internal';
import { orderEvents, orderSaga } from './order-saga.ts';

export interface Preload {
  readonly sagas: number;
  /** Of each saga: 1 is its start alone, 5 are all. */
  readonly eventsOfEach: number;
}

const saga = sagaRef(toGraph(orderSaga));
/** Sagas that are written at once; sends beyond what a producer buffers wait for each other. */
const sagasAtOnce = 2_000;

/** Writes the events of sagas into their topics, as the services of a shop would have by now. */
export async function preload(
  { sagas, eventsOfEach }: Preload,
  producer: Producer,
  serde: Serde,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < sagas; done += sagasAtOnce) {
    signal.throwIfAborted();
    const ids = Array.from({ length: Math.min(sagasAtOnce, sagas - done) }, () => randomUUID());
    const startIds = new Map(ids.map((id) => [id, randomUUID()]));
    for (let at = 0; at < eventsOfEach; at += 1) {
      const records = ids.map((id) => eventRecord(id, startIds.get(id) ?? '', at, serde));
      await producer.send(records);
    }
  }
}

function eventRecord(orderId: string, startId: string, at: number, serde: Serde): OutgoingRecord {
  const one = orderEvents[at];
  if (one === undefined) throw new RangeError(`An order has ${orderEvents.length} events.`);
  const { eventClass, step } = one;
  const headers = {
    id: eventId(orderId, startId, at),
    source: 'bench',
    type: eventClass.eventName,
    correlationId: orderId,
    causationId: at === 0 ? undefined : eventId(orderId, startId, at - 1),
    saga,
    step,
    attempt: 1,
    undoes: undefined,
  };
  return {
    topic: eventClass.topic,
    key: orderId,
    value: serde.encode(new eventClass({ orderId, cents: 450 })),
    headers: writeMessageHeaders(headers, Date.now()),
  };
}

function eventId(correlationId: string, startId: string, at: number): string {
  const step = orderEvents[at]?.step;
  if (step === undefined) return startId;
  const effect = { sagaName: orderSaga.name, correlationId, step, action: 'execute' } as const;
  return outcomeId(effectId(effect), 'succeeded');
}
