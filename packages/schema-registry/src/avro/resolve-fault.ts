import { avsc } from './avsc-boundary.ts';

/**
 * Why values written as `writer` cannot be read as `reader`, with the path of the field and in the words of whoever has
 * to change it; undefined when they can.
 */
export function resolveFault(reader: avsc.Type, writer: avsc.Type): string | undefined {
  try {
    reader.createResolver(writer);
    return undefined;
  } catch (error) {
    return faultInside(reader, writer) ?? inPlainWords(error);
  }
}

/** The fault of the first part that cannot be read, where the types have the same shape. */
function faultInside(reader: avsc.Type, writer: avsc.Type): string | undefined {
  const { types } = avsc;
  if (reader instanceof types.RecordType && writer instanceof types.RecordType) {
    if (reader.name !== writer.name) return undefined;
    for (const field of reader.fields) {
      const written = writer.fields.find(({ name }) => name === field.name);
      const fault = written && resolveFault(field.type, written.type);
      if (fault !== undefined) return within(field.name, fault);
    }
  }
  if (reader instanceof types.ArrayType && writer instanceof types.ArrayType) {
    return within('[]', resolveFault(reader.itemsType, writer.itemsType));
  }
  if (reader instanceof types.MapType && writer instanceof types.MapType) {
    return within('[key]', resolveFault(reader.valuesType, writer.valuesType));
  }
  return undefined;
}

function within(step: string, fault: string | undefined): string | undefined {
  if (fault === undefined) return undefined;
  const { path = '', what = fault } =
    /^field (?<path>\S+): (?<what>.*)$/s.exec(fault)?.groups ?? {};
  return `field ${step}${path === '' || path.startsWith('[') ? '' : '.'}${path}: ${what}`;
}

function inPlainWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /^no matching field for default-less (?<field>\S+)$/.exec(message)?.groups;
  if (missing?.['field'] !== undefined) {
    return `${missing['field']} is not in it and has no default: give the field a default, or make it optional`;
  }
  const other = /^no alias found for (?<name>\S+)$/.exec(message)?.groups;
  if (other?.['name'] !== undefined) return `it holds a ${other['name']}, a type of another name`;
  return message.length > 500 ? `${message.slice(0, 500)}...` : message;
}
