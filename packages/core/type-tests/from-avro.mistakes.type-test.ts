import { fromAvro } from '@troupe/core';

const id = { name: 'id', type: 'string' } as const;

fromAvro(
  // @ts-expect-error
  // "field 'u': only ['null', T] unions are supported"
  { type: 'record', name: 'a.E', fields: [id, { name: 'u', type: ['int', 'string'] }] },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // "field 't': 'timestmp' is no Avro type, and no type of that name is written before it"
  { type: 'record', name: 'a.E', fields: [id, { name: 't', type: 'timestmp' }] },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // "field 'l': logical type 'timestamp-micros' is not supported: use timestamp-millis, date, uuid, decimal"
  {
    type: 'record',
    name: 'a.E',
    fields: [id, { name: 'l', type: { type: 'long', logicalType: 'timestamp-micros' } }],
  },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // "field 'd': logical type 'date' stands on int"
  {
    type: 'record',
    name: 'a.E',
    fields: [id, { name: 'd', type: { type: 'string', logicalType: 'date' } }],
  },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // "field 'l': field 'n': 'fixed' is no Avro type
  {
    type: 'record',
    name: 'a.E',
    fields: [
      id,
      {
        name: 'l',
        type: {
          type: 'record',
          name: 'L',
          fields: [{ name: 'n', type: { type: 'fixed', name: 'F', size: 4 } }],
        },
      },
    ],
  },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // "field 'a': this array is not complete"
  { type: 'record', name: 'a.E', fields: [id, { name: 'a', type: { type: 'array' } }] },
  { key: 'id' },
);
fromAvro(
  // @ts-expect-error
  // Type '"enum"' is not assignable to type '"record"'.
  { type: 'enum', name: 'a.E', fields: [id] },
  { key: 'id' },
);
fromAvro(
  { type: 'record', name: 'a.E', fields: [id, { name: 'n', type: 'int' }] },
  // @ts-expect-error
  // Type '"idd"' is not assignable to type '"id"'.
  { key: 'idd' },
);
fromAvro(
  { type: 'record', name: 'a.E', fields: [id, { name: 'n', type: 'int' }] },
  // @ts-expect-error
  // Type '"n"' is not assignable to type '"id"'.
  { key: 'n' },
);

const widened: { type: 'record'; name: string; fields: { name: string; type: string }[] } = {
  type: 'record',
  name: 'a.E',
  fields: [],
};
// @ts-expect-error
// its type is not known here: paste the schema as a literal
fromAvro(widened, { key: 'id' });

class E extends fromAvro(
  { type: 'record', name: 'a.E', fields: [id, { name: 'n', type: 'int' }] },
  { key: 'id' },
) {}
// @ts-expect-error
// Property 'n' is missing in type '{ id: string; }' but required in type
new E({ id: '' });
// @ts-expect-error
// Type 'string' is not assignable to type 'number'.
new E({ id: '', n: '1' });
