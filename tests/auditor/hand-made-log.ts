import { createHash } from 'node:crypto';
import type { Definition } from './log/definition.ts';
import type { LifeEvent } from './log/life-event.ts';
import type { RawRecord } from './log/raw-record.ts';

const event = (type: string) => ({ type, topic: type.slice(0, type.lastIndexOf('.')) });

/** The shop's saga, but that payment waits for the stock: so that there is an order in which to undo. */
const definition: Definition = {
  name: 'place-order',
  startsOn: event('shop.orders.OrderPlaced'),
  steps: [
    {
      name: 'reserve-stock',
      pivot: false,
      emits: event('shop.stock.StockReserved'),
      rejects: event('shop.stock.StockRejected'),
      compensates: event('shop.stock.StockReleased'),
      dependencies: [{ outcome: 'succeeded', required: true }],
    },
    {
      name: 'charge-payment',
      pivot: false,
      emits: event('shop.payment.PaymentCharged'),
      rejects: event('shop.payment.PaymentDeclined'),
      compensates: event('shop.payment.PaymentRefunded'),
      dependencies: [{ step: 'reserve-stock', outcome: 'succeeded', required: true }],
    },
    {
      name: 'ship-order',
      pivot: true,
      emits: event('shop.shipping.OrderShipped'),
      rejects: event('shop.shipping.ShipmentRefused'),
      dependencies: [
        { outcome: 'succeeded', required: true },
        { step: 'charge-payment', outcome: 'succeeded', required: true },
      ],
    },
    {
      name: 'notify-customer',
      pivot: false,
      emits: event('shop.orders.CustomerNotified'),
      dependencies: [{ step: 'ship-order', outcome: 'succeeded', required: true }],
    },
  ],
};
export const ref = 'place-order@1#abc';

export interface Written extends RawRecord {
  readonly payload: unknown;
}

/** A log that is written record by record, as Troupe would have. Each has the next offset, and the next millisecond. */
export class HandMadeLog {
  records: Written[] = [];
  #nowMs = 1_000;

  constructor() {
    this.append({ topic: 'troupe.definitions', key: ref, value: definition });
  }

  append(given: {
    readonly topic: string;
    readonly key: string;
    /** As JSON; null is a tombstone. */
    readonly value: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }): Written {
    const { topic, key, value, headers = {} } = given;
    this.#nowMs += 1;
    const record: Written = {
      topic,
      partition: 0,
      offset: BigInt(this.records.length),
      timestampMs: this.#nowMs,
      key,
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
      headers,
      payload: value,
    };
    this.records.push(record);
    return record;
  }

  start(key: string, payload: object): Written {
    const { type, topic } = definition.startsOn;
    const headers = { ce_id: `placed-${key}`, ce_type: type, ce_saga: ref };
    return this.append({ topic, key, value: payload, headers });
  }

  /** `type` is one of the step's events, or `troupe.StepSkipped`. */
  outcome(
    key: string,
    step: string,
    type: string,
    { payload = {}, cause, undoes }: { payload?: object; cause: Written; undoes?: string },
  ): Written {
    const node = definition.steps.find(({ name }) => name === step);
    const kind =
      type === node?.emits.type
        ? 'succeeded'
        : type === node?.rejects?.type
          ? 'rejected'
          : type === node?.compensates?.type
            ? 'compensated'
            : 'skipped';
    const action = undoes === undefined ? 'execute' : `compensate:${undoes}`;
    return this.append({
      topic: event(type).topic === 'troupe' ? 'troupe.outcomes' : event(type).topic,
      key,
      value: payload,
      headers: {
        ce_id: sha1(`${kind} place-order/${step}/${action}/0/${key}`),
        ce_type: type,
        ce_saga: ref,
        ce_step: step,
        ce_causationid: cause.headers['ce_id'] ?? '',
        ...(undoes === undefined ? {} : { ce_undoes: undoes }),
      },
    });
  }

  request(key: string, step: string, undoes?: string): Written {
    const type = undoes === undefined ? 'StepRequested' : 'CompensationRequested';
    return this.append({
      topic: 'troupe.requests',
      key,
      value: {},
      headers: {
        ce_id: sha1(`${type} ${key} ${step} ${undoes}`),
        ce_type: `troupe.${type}`,
        ce_saga: ref,
        ce_step: step,
        ...(undoes === undefined ? {} : { ce_undoes: undoes }),
      },
    });
  }

  /** One record, as the coordinator writes for one input. */
  life(key: string, ...events: readonly Undated[]): Written {
    const dated = events.map((one) => ({ ...one, atMs: this.#nowMs }));
    const headers = { ce_id: sha1(`${key} ${this.records.length}`), ce_saga: ref };
    return this.append({ topic: 'troupe.sagas', key, value: dated, headers });
  }

  state(key: string, value: unknown): Written {
    return this.append({ topic: 'troupe.state', key, value });
  }

  get payloads(): ReadonlyMap<RawRecord, unknown> {
    return new Map(this.records.map((record) => [record, record.payload]));
  }
}

type Undated = LifeEvent extends infer Event
  ? Event extends LifeEvent
    ? Omit<Event, 'atMs'>
    : never
  : never;

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 32);
}
