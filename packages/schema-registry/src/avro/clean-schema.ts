import { foreignLogicalType, logicalTypeBases } from './logical-types.ts';

type Attributes = Readonly<Record<string, unknown>>;

const numericBases: ReadonlySet<unknown> = new Set(['int', 'long', 'bytes', 'fixed']);
const kept: readonly string[] = [
  ...['type', 'name', 'namespace', 'aliases', 'fields', 'items', 'values'],
  ...['symbols', 'size', 'default', 'precision', 'scale'],
];

/**
 * A schema with nothing in it but what decoding needs, and every logical type on the type that it belongs to: what avsc
 * makes of a misplaced one would go past this package's own types.
 */
export function cleanSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(cleanSchema);
  if (!isAttributes(schema)) return schema;
  const clean: Record<string, unknown> = {};
  for (const name of kept) {
    if (schema[name] !== undefined) clean[name] = schema[name];
  }
  for (const part of ['type', 'items', 'values']) {
    if (clean[part] !== undefined) clean[part] = cleanSchema(clean[part]);
  }
  if (Array.isArray(schema['fields'])) clean['fields'] = schema['fields'].map(cleanField);
  const logicalType = cleanLogicalType(schema);
  if (logicalType !== undefined) clean['logicalType'] = logicalType;
  if (logicalType === 'decimal') clean['scale'] ??= 0;
  // { type: { type: 'string' } } says no more than { type: 'string' }.
  return isAttributes(clean['type']) && clean['name'] === undefined ? clean['type'] : clean;
}

/**
 * A field named as what every object inherits would confuse avsc's look-ups. No event can have one, so its name matters
 * to no reader: it only has to be skipped.
 */
function cleanField(field: unknown): unknown {
  const clean = cleanSchema(field);
  if (!isAttributes(clean)) return clean;
  const { name } = clean;
  return typeof name === 'string' && name in Object.prototype
    ? { ...clean, name: `${name}_inherited` }
    : clean;
}

function cleanLogicalType({ logicalType, type, precision, scale }: Attributes): string | undefined {
  if (typeof logicalType !== 'string' || !numericBases.has(type)) return undefined;
  if (Object.hasOwn(logicalTypeBases, logicalType) && logicalTypeBases[logicalType] === type) {
    return logicalType !== 'decimal' || isDecimal(precision, scale)
      ? logicalType
      : foreignLogicalType;
  }
  return foreignLogicalType;
}

function isDecimal(precision: unknown, scale: unknown = 0): boolean {
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
  return isWhole(precision) && isWhole(scale) && scale >= 0 && precision >= 1 && scale <= precision;
}

export function isAttributes(json: unknown): json is Attributes {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
