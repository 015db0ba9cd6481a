import { dateToDays, daysToDate } from './calendar-date.ts';
import { bytesToDecimal, decimalToBytes } from './decimal.ts';
import { inside, mismatch, PayloadMismatch } from './payload-mismatch.ts';
import type { RecordNode, SchemaNode } from './schema-node.ts';

/**
 * A default as Avro JSON has it: days for a date, milliseconds for a timestamp, one character a byte for bytes and
 * decimals. `value` has passed the check of its type. Throws `PayloadMismatch` where Avro has no way to write it.
 */
export function toAvroDefault(node: SchemaNode, value: unknown): unknown {
  switch (node.kind) {
    case 'nullable':
      if (value === null) return null;
      throw new PayloadMismatch(
        'Avro allows only null as the default of a type that may be null (a union takes its first branch)',
        'null',
        'a value',
      );
    case 'timestamp':
      return value instanceof Date ? value.getTime() : value;
    case 'date':
      return typeof value === 'string' ? dateToDays(value) : value;
    case 'bytes':
      return value instanceof Uint8Array ? bytesToText(value) : value;
    case 'decimal': {
      const bytes = typeof value === 'string' ? decimalToBytes(value, node) : undefined;
      return bytes === undefined ? value : bytesToText(bytes);
    }
    case 'array':
      return Array.isArray(value)
        ? value.map((item, index) => stepIn(`[${index}]`, () => toAvroDefault(node.items, item)))
        : value;
    case 'map':
      return mapEntries(value, (entry) => toAvroDefault(node.values, entry));
    case 'record':
      return mapFields(node, value, toAvroDefault);
    default:
      return value;
  }
}

/**
 * The default of an existing schema as JavaScript has it; the inverse of `toAvroDefault`. Throws `PayloadMismatch` where
 * the JSON is not what Avro asks for; what it lets through still has to pass the check of its type.
 */
export function fromAvroDefault(node: SchemaNode, json: unknown): unknown {
  switch (node.kind) {
    case 'nullable':
      if (json === null) return null;
      throw mismatch("null (the first branch of ['null', T])", json);
    case 'timestamp':
      if (Number.isSafeInteger(json)) return new Date(Number(json));
      throw mismatch('milliseconds since 1970', json);
    case 'date': {
      const date = typeof json === 'number' ? daysToDate(json) : undefined;
      if (date !== undefined) return date;
      throw mismatch('days since 1970-01-01', json);
    }
    case 'bytes':
      return textToBytes(json);
    case 'decimal': {
      const text = bytesToDecimal(textToBytes(json), node);
      if (text !== undefined) return text;
      throw mismatch(`the bytes of a decimal(${node.precision}, ${node.scale})`, json);
    }
    case 'array':
      return Array.isArray(json)
        ? json.map((item, index) => stepIn(`[${index}]`, () => fromAvroDefault(node.items, item)))
        : json;
    case 'map':
      return mapEntries(json, (entry) => fromAvroDefault(node.values, entry));
    case 'record':
      return mapFields(node, json, fromAvroDefault);
    default:
      return json;
  }
}

function mapEntries(value: unknown, convert: (entry: unknown) => unknown): unknown {
  if (!isEntries(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      stepIn(`[${JSON.stringify(key)}]`, () => convert(entry)),
    ]),
  );
}

function mapFields(
  { fields }: RecordNode,
  value: unknown,
  convert: (node: SchemaNode, part: unknown) => unknown,
): unknown {
  if (!isEntries(value)) return value;
  const types = new Map(fields.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const type = types.get(name);
      // An unknown field is left as it is: the check of the record names it.
      return [name, type === undefined ? part : stepIn(name, () => convert(type, part))];
    }),
  );
}

function stepIn<T>(step: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw inside(step, error);
  }
}

function isEntries(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesToText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function textToBytes(json: unknown): Uint8Array {
  const codes = typeof json === 'string' ? Array.from(json, (c) => c.codePointAt(0) ?? 0) : [-1];
  if (codes.every((code) => code >= 0 && code <= 0xff)) return Uint8Array.from(codes);
  throw mismatch('text with one character, of U+0000 to U+00FF, for each byte', json);
}
