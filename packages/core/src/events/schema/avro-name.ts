import { schemaLimits } from './schema-limits.ts';

const namePart = /^[A-Za-z_][A-Za-z0-9_]*$/;
const reservedTypeNames = new Set([
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'],
  ...['record', 'error', 'enum', 'array', 'map', 'fixed', 'union'],
]);

/** A name without dots takes the namespace around it. */
export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

export function namespaceOf(full: string): string {
  return full.slice(0, Math.max(0, full.lastIndexOf('.')));
}

export function shortName(full: string): string {
  return full.slice(full.lastIndexOf('.') + 1);
}

/** What is wrong with the name of a record or an enum; undefined when nothing is. */
export function typeNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string') return `a type's name has to be text, got ${typeof name}`;
  const { nameLengthMax } = schemaLimits;
  if (name.length > nameLengthMax) {
    return `the name ${quote(name)} is longer than ${nameLengthMax} characters`;
  }
  if (!name.split('.').every((part) => namePart.test(part))) {
    return `${quote(name)} is no Avro name: letters, digits and _, not starting with a digit, with dots between the parts of the namespace`;
  }
  if (reservedTypeNames.has(name))
    return `${quote(name)} is a type of Avro's own: take another name`;
  return undefined;
}

/** What is wrong with the name of a field or a symbol; undefined when nothing is. */
export function memberNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string') return `a name has to be text, got ${typeof name}`;
  if (!namePart.test(name) || name.length > schemaLimits.nameLengthMax) {
    return `${quote(name)} is no Avro name: letters, digits and _, not starting with a digit`;
  }
  return undefined;
}

/** Longer than any real name; keeps messages readable whatever was passed. */
function quote(name: string): string {
  return `'${name.length > 80 ? `${name.slice(0, 80)}...` : name}'`;
}
