import { describe, expect, it } from 'vitest';
import { parseAvroType } from './parse-avro-type.ts';
import { schemaTextLimits } from './schema-limits.ts';

function record(name: string, fields: object): string {
  return JSON.stringify({
    type: 'record',
    name,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  });
}

/** Reads what `writer` writes of `value` as `reader`. */
function reread(writerText: string, readerText: string, value: unknown): unknown {
  const [writer, reader] = [parseAvroType(writerText), parseAvroType(readerText)];
  return reader.fromBuffer(writer.toBuffer(value), reader.createResolver(writer));
}

describe('the text of a schema', () => {
  it('is refused when it is too long, before it is parsed', () => {
    const text = `"${'x'.repeat(schemaTextLimits.charsMax)}"`;
    expect(() => parseAvroType(text)).toThrow(/1048578 characters, more than the 1048576/);
  });

  it('is refused when it is nested too deep, before it is parsed', () => {
    for (const bomb of ['['.repeat(500_000), '{"type":'.repeat(100_000)]) {
      expect(() => parseAvroType(bomb)).toThrow(/nested more than 128 brackets deep/);
    }
  });

  it('may have any number of brackets in its texts, and many side by side', () => {
    const doc = `${'['.repeat(1_000)}\\"{{`;
    const text = `{"type":"record","name":"A","doc":"${doc}","fields":[]}`;
    expect(parseAvroType(text).name).toBe('A');
    const wide = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`f${i}`, ['null', 'int']]),
    );
    expect(parseAvroType(record('Wide', wide)).name).toBe('Wide');
  });

  it('is refused when it is no JSON or no Avro', () => {
    for (const text of ['', '{', 'null', '[]', '3', '{"type":"object"}', record('A', { a: 'B' })]) {
      expect(() => parseAvroType(text)).toThrow();
    }
  });

  it('may be the bare name of a type', () => {
    for (const text of ['"string"', 'string']) {
      expect(parseAvroType(text).typeName).toBe('string');
    }
  });

  it('cannot bring code into what avsc generates', () => {
    const code = "x'];process.exit(1);['";
    for (const schema of [
      { type: 'record', name: code, fields: [] },
      { type: 'record', name: 'A', namespace: code, fields: [] },
      { type: 'record', name: 'A', fields: [{ name: code, type: 'int' }] },
      { type: 'enum', name: 'A', symbols: [code] },
    ]) {
      expect(() => parseAvroType(JSON.stringify(schema))).toThrow(/invalid/);
    }
  });
});

describe('the size of a value, names followed', () => {
  /** Each record holds two of the next: 2^depth parts in a text that grows by a line a level. */
  function doubling(depth: number, leaf: string): string {
    let type: unknown = leaf;
    for (let level = 0; level < depth; level += 1) {
      const inner = { type: 'record', name: `L${level}`, fields: [{ name: 'a', type }] };
      type = {
        type: 'record',
        name: `D${level}`,
        fields: [
          { name: 'left', type: inner },
          { name: 'right', type: `L${level}` },
        ],
      };
    }
    return JSON.stringify(type);
  }

  it('is limited, whatever the text is', () => {
    expect(() => parseAvroType(doubling(8, 'int'))).not.toThrow();
    expect(() => parseAvroType(doubling(14, 'int'))).toThrow(/more than 20000 parts/);
    expect(() => parseAvroType(doubling(8, 'null'))).toThrow(/more than 64 parts without content/);
  });

  it('has no end where a record contains itself, unless something may end it', () => {
    const self = (type: unknown) => record('Node', { next: type });
    expect(() => parseAvroType(self('Node'))).toThrow(/Node contains itself without end/);
    for (const type of [
      ['null', 'Node'],
      { type: 'array', items: 'Node' },
      { type: 'map', values: 'Node' },
    ]) {
      expect(parseAvroType(self(type)).name).toBe('Node');
    }
  });

  it('is bounded by the bytes where items take none of them', () => {
    const list = parseAvroType(record('A', { list: { type: 'array', items: 'null' } }));
    const nulls = (count: number) => ({ list: Array<null>(count).fill(null) });
    expect(list.fromBuffer(list.toBuffer(nulls(1_000)))).toEqual(nulls(1_000));
    expect(() => list.fromBuffer(list.toBuffer(nulls(2_000)))).toThrow(/more than the message can/);
    const nested = parseAvroType(
      record('A', { list: { type: 'array', items: { type: 'array', items: 'null' } } }),
    );
    const many = { list: Array.from({ length: 100 }, () => Array<null>(500).fill(null)) };
    expect(() => nested.fromBuffer(nested.toBuffer(many))).toThrow(/more than the message can/);
  });
});

describe('logical types', () => {
  const as = (type: string, logicalType: string, more = {}) =>
    record('A', { a: { type, logicalType, ...more } });

  it('are read from the plain type and from themselves', () => {
    const timestamp = as('long', 'timestamp-millis');
    const at = new Date(86_400_000);
    expect(reread(timestamp, timestamp, { a: at })).toEqual({ a: at });
    expect(reread(record('A', { a: 'long' }), timestamp, { a: 86_400_000 })).toEqual({ a: at });
    expect(reread(timestamp, record('A', { a: 'long' }), { a: at })).toEqual({ a: 86_400_000 });
    const date = as('int', 'date');
    expect(reread(record('A', { a: 'int' }), date, { a: 1 })).toEqual({ a: '1970-01-02' });
    expect(reread(date, record('A', { a: 'int' }), { a: '1970-01-02' })).toEqual({ a: 1 });
  });

  it('of another unit are refused: they would be wrong by a factor', () => {
    const timestamp = as('long', 'timestamp-millis');
    for (const foreign of ['timestamp-micros', 'timestamp-nanos', 'time-micros']) {
      expect(() => reread(as('long', foreign), timestamp, { a: 1 })).toThrow(/cannot read/);
      expect(reread(as('long', foreign), record('A', { a: 'long' }), { a: 1 })).toEqual({ a: 1 });
    }
    expect(() => reread(as('int', 'time-millis'), as('int', 'date'), { a: 1 })).toThrow();
  });

  it('on a type that they do not belong to are ignored', () => {
    expect(parseAvroType(as('string', 'date')).isValid({ a: 'text' })).toBe(true);
    const list = JSON.stringify({ type: 'array', items: 'int', logicalType: 'date' });
    const type = parseAvroType(list);
    expect(() => type.fromBuffer(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]))).toThrow(/more than/);
  });

  it('decimals are read where the scale is the same and the digits fit', () => {
    const decimal = (precision: number, scale?: number) =>
      as('bytes', 'decimal', { precision, ...(scale === undefined ? {} : { scale }) });
    expect(reread(decimal(4, 2), decimal(6, 2), { a: '12.50' })).toEqual({ a: '12.50' });
    expect(() => reread(decimal(6, 2), decimal(4, 2), { a: '1.00' })).toThrow();
    expect(() => reread(decimal(6, 2), decimal(6, 3), { a: '1.00' })).toThrow();
    expect(reread(decimal(3), decimal(3, 0), { a: '12' })).toEqual({ a: '12' });
  });

  it('refuse values that JavaScript has no way to say', () => {
    const long = record('A', { a: 'long' });
    expect(() => reread(long, as('long', 'timestamp-millis'), { a: 9e15 })).toThrow(/no Date/);
    expect(() => reread(record('A', { a: 'int' }), as('int', 'date'), { a: 2 ** 31 - 1 })).toThrow(
      /years/,
    );
  });
});

describe('schemas of foreign writers', () => {
  it('may have unions and fixed types that an event has not, where the reader skips them', () => {
    const foreign = {
      key: 'string',
      wide: ['null', 'int', 'string', 'bytes', { type: 'array', items: ['int', 'string'] }],
      hash: { type: 'fixed', name: 'Md5', size: 16 },
      tree: {
        type: 'record',
        name: 'Node',
        fields: [{ name: 'children', type: { type: 'array', items: 'Node' } }],
      },
      micros: { type: 'long', logicalType: 'timestamp-micros' },
    };
    const writer = record('A', foreign);
    const value = {
      key: 'k',
      wide: { array: [{ int: 1 }, { string: 'x' }] },
      hash: Buffer.alloc(16),
      tree: { children: [{ children: [] }] },
      micros: 5,
    };
    const type = parseAvroType(writer);
    const wrapped = type.isValid(value) ? value : { ...value, wide: [1, 'x'] };
    expect(reread(writer, record('A', { key: 'string' }), wrapped)).toEqual({ key: 'k' });
  });

  it('may have fields named as what every object inherits: they are skipped', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const fields = [...names, 'key'].map((name) => [name, 'string'] as const);
    const type = parseAvroType(record('A', Object.fromEntries(fields)));
    const reader = parseAvroType(record('A', { key: 'string' }));
    const bytes = Buffer.from([2, 112, 2, 99, 2, 116, 2, 107]);
    const read: unknown = reader.fromBuffer(bytes, reader.createResolver(type));
    expect(read).toEqual({ key: 'k' });
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});
