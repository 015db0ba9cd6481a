import { toAvroDefault } from './avro-default.ts';
import { fullName, memberNameFault, namespaceOf, typeNameFault } from './avro-name.ts';
import { compileCheck } from './payload-check.ts';
import { PayloadMismatch } from './payload-mismatch.ts';
import { schemaLimits } from './schema-limits.ts';
import type { EnumNode, FieldNode, RecordNode, SchemaNode } from './schema-node.ts';

interface Walk {
  readonly faults: string[];
  /** What each named type looks like, to find two that share a name. */
  readonly named: Map<string, string>;
  fields: number;
}

/** Everything that is wrong with the schema of an event, each as a sentence that names its place. */
export function schemaFaults(record: RecordNode): string[] {
  const walk: Walk = { faults: [], named: new Map(), fields: 0 };
  visit(record, '', '', 1, walk);
  if (walk.fields > schemaLimits.fieldsMax) {
    walk.faults.push(`${walk.fields} fields are more than the ${schemaLimits.fieldsMax} allowed`);
  }
  return walk.faults;
}

function visit(node: SchemaNode, at: string, namespace: string, depth: number, walk: Walk): void {
  const fault = (text: string) => walk.faults.push(at === '' ? text : `${at}: ${text}`);
  if (depth > schemaLimits.depthMax) {
    fault(`types are nested more than ${schemaLimits.depthMax} deep`);
    return;
  }
  switch (node.kind) {
    case 'invalid':
      fault(node.fault);
      return;
    case 'nullable':
      if (node.of.kind === 'nullable') fault('.nullable() stands here twice: once is enough');
      visit(node.of, at, namespace, depth + 1, walk);
      return;
    case 'array':
      visit(node.items, `${at}[]`, namespace, depth + 1, walk);
      return;
    case 'map':
      visit(node.values, `${at}[key]`, namespace, depth + 1, walk);
      return;
    case 'decimal':
      for (const text of decimalFaults(node.precision, node.scale)) fault(text);
      return;
    case 'enum':
      for (const text of enumFaults(node)) fault(text);
      noteName(node, namespace, fault, walk);
      return;
    case 'record':
      visitRecord(node, at, namespace, depth, walk, fault);
      return;
    default:
  }
}

function visitRecord(
  node: RecordNode,
  at: string,
  namespace: string,
  depth: number,
  walk: Walk,
  fault: (text: string) => void,
): void {
  const name = typeNameFault(node.name);
  if (name !== undefined) fault(name);
  const seen = new Set<string>();
  const within = namespaceOf(fullName(node.name, namespace));
  for (const field of node.fields) {
    walk.fields++;
    const fieldAt = at === '' ? field.name : `${at}.${field.name}`;
    const fieldFault = (text: string) => walk.faults.push(`${fieldAt}: ${text}`);
    for (const text of fieldNameFaults(field.name)) fieldFault(text);
    if (seen.has(field.name)) fieldFault('there are two fields of this name');
    seen.add(field.name);
    if (field.key && at !== '') {
      fieldFault(`.key() belongs to a field of the event itself, not of record ${node.name}`);
    }
    const before = walk.faults.length;
    visit(field.type, fieldAt, within, depth + 1, walk);
    if (walk.faults.length === before) defaultFault(field, fieldFault);
  }
  noteName(node, namespace, fault, walk);
}

function fieldNameFaults(name: string): string[] {
  const fault = memberNameFault(name);
  if (fault !== undefined) return [fault];
  // Its absence could not be told from what every object inherits.
  return name in Object.prototype
    ? [`every JavaScript object has a '${name}': take another name for the field`]
    : [];
}

/** Only for a type without faults of its own. */
function defaultFault(field: FieldNode, fault: (text: string) => void): void {
  if (field.default === undefined) return;
  try {
    toAvroDefault(field.type, compileCheck(field.type)(field.default.value));
  } catch (error) {
    if (!(error instanceof PayloadMismatch)) throw error;
    fault(`its default is refused: ${error.path === '' ? '' : `${error.path}: `}${error.message}`);
  }
}

function decimalFaults(precision: unknown, scale: unknown): string[] {
  const { decimalPrecisionMax } = schemaLimits;
  const isWhole = (value: unknown, min: number, max: number) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  if (!isWhole(precision, 1, decimalPrecisionMax)) {
    return [
      `decimal: the precision has to be 1 to ${decimalPrecisionMax} digits, got ${precision}`,
    ];
  }
  return isWhole(scale, 0, Number(precision))
    ? []
    : [`decimal: the scale has to be 0 to ${precision} (the precision), got ${scale}`];
}

function enumFaults({ name, symbols }: EnumNode): string[] {
  const faults: string[] = [];
  const nameFault = typeNameFault(name);
  if (nameFault !== undefined) faults.push(nameFault);
  if (symbols.length === 0) faults.push(`enum ${name} has no symbols`);
  if (symbols.length > schemaLimits.symbolsMax) {
    return [...faults, `enum ${name} has more than ${schemaLimits.symbolsMax} symbols`];
  }
  const seen = new Set<string>();
  for (const symbol of symbols) {
    const fault = memberNameFault(symbol);
    if (fault !== undefined) faults.push(`enum ${name}: ${fault}`);
    if (seen.has(symbol)) faults.push(`enum ${name} has '${symbol}' twice`);
    seen.add(symbol);
  }
  return faults;
}

function noteName(
  node: RecordNode | EnumNode,
  namespace: string,
  fault: (text: string) => void,
  { named }: Walk,
): void {
  const full = fullName(node.name, namespace);
  // The tree itself says what a type is: names inside of it are resolved against its own full name.
  const content = JSON.stringify({ ...node, name: full }, asJson);
  const before = named.get(full);
  if (before === undefined) named.set(full, content);
  else if (before !== content) {
    fault(`two different types are named ${full}: give one of them another name`);
  }
}

/** A default may be something that JSON has no way to write. */
function asJson(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  return typeof value === 'bigint' ? `${value}n` : value;
}
