import { avsc } from './avsc-boundary.ts';
import type { SchemaTextLimits } from './schema-limits.ts';

/** What it takes at least to read or skip one value of a type, its unions, arrays and maps counted as one step. */
interface Size {
  readonly nodes: number;
  /** Of them those that take no byte. */
  readonly empty: number;
  readonly depth: number;
}

const oneNode: Size = { nodes: 1, empty: 0, depth: 1 };
const oneEmptyNode: Size = { nodes: 1, empty: 1, depth: 1 };

/**
 * Throws an `Error` when a value of the type may take more work than its bytes pay for: thirty records of two fields
 * each that name one another make a billion fields out of two thousand characters.
 *
 * Unions, arrays and maps are the roots of new values: each of them takes a byte, and an array's items are counted
 * when they are read.
 */
export function checkTypeSize(type: avsc.Type, limits: SchemaTextLimits): void {
  const roots: avsc.Type[] = [type];
  const seen = new Set<avsc.Type>(roots);
  const sizes = new Map<avsc.Type, Size | 'measuring'>();
  const addRoot = (root: avsc.Type) => {
    if (seen.has(root)) return;
    seen.add(root);
    roots.push(root);
  };
  for (const root of roots) {
    const { nodes, empty, depth } = sizeOf(root, sizes, addRoot);
    if (nodes > limits.nodesMax) {
      throw new Error(`a value of the schema has more than ${limits.nodesMax} parts`);
    }
    if (empty > limits.emptyNodesMax) {
      throw new Error(`the schema has more than ${limits.emptyNodesMax} parts without content`);
    }
    if (depth > limits.depthMax) {
      throw new Error(`types are nested more than ${limits.depthMax} deep`);
    }
  }
}

function sizeOf(
  type: avsc.Type,
  sizes: Map<avsc.Type, Size | 'measuring'>,
  addRoot: (root: avsc.Type) => void,
): Size {
  const { types } = avsc;
  if (type instanceof types.LogicalType) return sizeOf(type.underlyingType, sizes, addRoot);
  if (type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType) {
    type.types.forEach(addRoot);
    return oneNode;
  }
  if (type instanceof types.ArrayType) {
    addRoot(type.itemsType);
    return oneNode;
  }
  if (type instanceof types.MapType) {
    addRoot(type.valuesType);
    return oneNode;
  }
  if (type instanceof types.RecordType) return recordSize(type, sizes, addRoot);
  const takesNoByte =
    type.typeName === 'null' || (type instanceof types.FixedType && type.size === 0);
  return takesNoByte ? oneEmptyNode : oneNode;
}

function recordSize(
  record: avsc.types.RecordType,
  sizes: Map<avsc.Type, Size | 'measuring'>,
  addRoot: (root: avsc.Type) => void,
): Size {
  const known = sizes.get(record);
  if (known === 'measuring') throw new Error(`record ${record.name} contains itself without end`);
  if (known !== undefined) return known;
  sizes.set(record, 'measuring');
  let nodes = 1;
  let empty = record.fields.length === 0 ? 1 : 0;
  let depth = 0;
  for (const field of record.fields) {
    const size = sizeOf(field.type, sizes, addRoot);
    nodes += size.nodes;
    empty += size.empty;
    depth = Math.max(depth, size.depth);
  }
  const size = { nodes, empty, depth: depth + 1 };
  sizes.set(record, size);
  return size;
}
