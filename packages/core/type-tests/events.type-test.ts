import { defineEvent, type Event, fromAvro, t } from '@troupe/core';
import { type Equals, is } from './equals.ts';

type Payload<T> = Omit<T, '~event'>;

class Everything extends defineEvent('a.b.Everything', {
  id: t.uuid().key(),
  by: t.bytes(),
  on: t.date(),
  price: t.decimal(9, 2),
  cur: t.enum('C', ['EUR', 'USD']),
  optional: t.int().optional(),
  nullable: t.int().nullable(),
  nullByDefault: t.int().nullable().default(null),
  defaulted: t.array(t.string()).default([]),
  map: t.map(t.long().nullable()),
  inner: t.record('Inner', { x: t.double(), y: t.double().default(0).doc('Upwards.') }),
  documented: t.string().doc('Why.').optional(),
}) {}

is<
  Equals<
    Payload<Everything>,
    {
      readonly id: string;
      readonly by: Uint8Array;
      readonly on: string;
      readonly price: string;
      readonly cur: 'EUR' | 'USD';
      readonly optional: number | null;
      readonly nullable: number | null;
      readonly nullByDefault: number | null;
      readonly defaulted: readonly string[];
      readonly map: { readonly [key: string]: number | null };
      readonly inner: { readonly x: number; readonly y: number };
      readonly documented: string | null;
    }
  >
>();
is<Equals<Everything['~event'], 'a.b.Everything'>>();
is<Everything extends Event<'a.b.Everything'> ? true : false>();

// What a writer may leave out: undefined has to be in its type with exactOptionalPropertyTypes on and off.
type Draft = ConstructorParameters<typeof Everything>[0];
type Needed<K extends keyof Draft> = Record<never, never> extends Pick<Draft, K> ? false : true;
is<Equals<Draft['optional'], number | null | undefined>>();
is<Equals<Draft['nullable'], number | null>>();
is<Equals<Draft['inner'], { readonly x: number; readonly y?: number | undefined }>>();
is<Equals<Needed<'optional' | 'nullByDefault' | 'defaulted' | 'documented'>, false>>();
is<Equals<Needed<'id'>, true>>();
is<Equals<Needed<'nullable'>, true>>();

const event = Everything.instantiate({});
is<Equals<typeof event, Everything>>();

// A copy of an event is its payload, and no event.
const { ...copy } = event;
is<Equals<'~event' extends keyof typeof copy ? true : false, false>>();

class FromAvro extends fromAvro(
  {
    type: 'record',
    namespace: 'shop.orders',
    name: 'OrderPlaced',
    fields: [
      { name: 'orderId', type: 'string' },
      { name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 } },
      { name: 'currency', type: { type: 'enum', name: 'Currency', symbols: ['EUR', 'USD'] } },
      { name: 'note', type: ['null', 'string'], default: null },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'Line',
            fields: [
              { name: 'sku', type: { type: 'string' } },
              { name: 'quantity', type: 'int', default: 1 },
            ],
          },
        },
      },
      { name: 'counts', type: { type: 'map', values: ['null', 'double'] } },
      { name: 'first', type: ['null', 'Line'], default: null },
      { name: 'second', type: 'shop.orders.Line' },
    ],
  },
  { key: 'orderId', topic: 'orders' },
) {}

type Line = { readonly sku: string; readonly quantity: number };
is<
  Equals<
    Payload<FromAvro>,
    {
      readonly orderId: string;
      readonly placedAt: Date;
      readonly total: string;
      readonly currency: 'EUR' | 'USD';
      readonly note: string | null;
      readonly lines: readonly Line[];
      readonly counts: { readonly [key: string]: number | null };
      readonly first: Line | null;
      readonly second: Line;
    }
  >
>();
is<Equals<FromAvro['~event'], 'shop.orders.OrderPlaced'>>();
type AvroDraft = ConstructorParameters<typeof FromAvro>[0];
is<
  Equals<
    AvroDraft['lines'][number],
    { readonly sku: string; readonly quantity?: number | undefined }
  >
>();
is<Equals<AvroDraft['note'], string | null | undefined>>();

class FullyNamed extends fromAvro(
  { type: 'record', name: 'shop.Named', fields: [{ name: 'id', type: 'string' }] },
  { key: 'id' },
) {}
is<Equals<FullyNamed['~event'], 'shop.Named'>>();
