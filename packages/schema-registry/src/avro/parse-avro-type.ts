import { avsc } from './avsc-boundary.ts';
import { BoundedArrayType, BoundedMapType } from './bounded-collections.ts';
import { cleanSchema, isAttributes } from './clean-schema.ts';
import { logicalTypes } from './logical-types.ts';
import { isNullable, NullableType } from './nullable-type.ts';
import { PlainRecordType } from './plain-record-type.ts';
import { type SchemaTextLimits, schemaTextLimits } from './schema-limits.ts';
import { parseSchemaText } from './schema-text.ts';
import { strictInt, strictLong, uint8Array } from './strict-scalars.ts';
import { checkTypeSize } from './type-size.ts';

/**
 * The type of a schema's text, safe to decode hostile bytes with, whoever wrote the text. Values are as events have
 * them: Date, `YYYY-MM-DD`, decimals as text, Uint8Array, plain objects, null | T unwrapped.
 * Throws an `Error` that says what is wrong.
 */
export function parseAvroType(
  text: string,
  limits: SchemaTextLimits = schemaTextLimits,
): avsc.Type {
  const schema = cleanSchema(parseSchemaText(text, limits));
  const type = avsc.Type.forSchema(
    // The one place where unchecked JSON is taken for a schema; avsc checks it.
    schema as avsc.Schema,
    { typeHook: typeHook(), logicalTypes, omitRecordMethods: true },
  );
  checkTypeSize(type, limits);
  return type;
}

type TypeHook = (schema: avsc.Schema, options: avsc.ForSchemaOptions) => avsc.Type | undefined;

/** Puts this package's types in the place of avsc's own. */
function typeHook(): TypeHook {
  // A schema with a logical type comes here twice: for the logical type, then for what it stands on.
  const logical = new Set<unknown>();
  return (schema, options) => {
    if (schema === 'int') return strictInt;
    if (schema === 'long') return strictLong;
    if (schema === 'bytes') return uint8Array;
    if (Array.isArray(schema)) {
      return isNullable(schema) ? new NullableType(schema, options) : undefined;
    }
    if (!isAttributes(schema)) return undefined;
    if (schema['logicalType'] !== undefined && !logical.has(schema)) {
      logical.add(schema);
      return undefined;
    }
    switch (schema['type']) {
      case 'int':
        return strictInt;
      case 'long':
        return strictLong;
      case 'bytes':
        return uint8Array;
      case 'array':
        return new BoundedArrayType(schema, options);
      case 'map':
        return new BoundedMapType(schema, options);
      case 'record':
      case 'error':
        return new PlainRecordType(schema, options);
      default:
        return undefined;
    }
  };
}
