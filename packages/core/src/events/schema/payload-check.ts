import { types } from 'node:util';
import { dateToDays } from './calendar-date.ts';
import { normalizeDecimal } from './decimal.ts';
import { inside, mismatch, PayloadMismatch, unknownField } from './payload-mismatch.ts';
import { describeType, type FieldNode, type ScalarKind, type SchemaNode } from './schema-node.ts';

/**
 * Checks a value against a type and returns a copy of it as readers will get it: defaults filled in at every depth,
 * decimals with all their digits, floats rounded to 32 bits. Shares nothing that can change with what it was given.
 * Throws `PayloadMismatch`.
 */
export type Check = (value: unknown) => unknown;

/** Checks a record's draft and writes its fields into `target`, in the order of the schema. */
export type Fill = (
  target: Record<string, unknown>,
  draft: Readonly<Record<string, unknown>>,
) => void;

/**
 * Compiles a type once into closures, because every event on its way out goes through them. No code is generated:
 * services run where `eval` is not allowed.
 */
export function compileCheck(node: SchemaNode): Check {
  switch (node.kind) {
    case 'nullable':
      return nullableCheck(node, compileCheck(node.of));
    case 'enum':
      return enumCheck(node, new Set(node.symbols));
    case 'decimal':
      return (value) => {
        const text = typeof value === 'string' ? normalizeDecimal(value, node) : undefined;
        if (text === undefined) throw mismatch(describeType(node), value);
        return text;
      };
    case 'array':
      return arrayCheck(describeType(node), compileCheck(node.items));
    case 'map':
      return mapCheck(describeType(node), compileCheck(node.values));
    case 'record':
      return recordCheck(describeType(node), compileFill(node.fields, describeType(node)));
    case 'invalid':
      return (value) => {
        throw mismatch(node.fault, value);
      };
    default:
      return scalarChecks[node.kind](describeType(node));
  }
}

/** `owner` names the record in errors. */
export function compileFill(
  fields: readonly FieldNode[],
  owner: string,
  wrap = compileFieldCheck,
): Fill {
  const names = fields.map(({ name }) => name);
  const known = new Set(names);
  const members = fields.map((field) => {
    const check = wrap(field);
    return { name: field.name, check, whenAbsent: compileDefault(field, check) };
  });
  return (target, draft) => {
    let at = '';
    try {
      for (const { name, check, whenAbsent } of members) {
        at = name;
        const value = draft[name];
        target[name] = value === undefined ? whenAbsent() : check(value);
      }
    } catch (error) {
      throw inside(at, error);
    }
    for (const name in draft) {
      if (!known.has(name) && draft[name] !== undefined) throw unknownField(name, owner, names);
    }
  };
}

export function compileFieldCheck(field: FieldNode): Check {
  return compileCheck(field.type);
}

function compileDefault(field: FieldNode, check: Check): () => unknown {
  if (field.default === undefined) {
    const expected = describeType(field.type);
    return () => {
      throw mismatch(expected, undefined);
    };
  }
  const { value } = field.default;
  // What can change is copied for each event, by the check itself.
  if (typeof value === 'object' && value !== null) return () => check(value);
  let ready: { readonly value: unknown } | undefined;
  return () => {
    // Not at definition: a wrong default is reported there with all other faults.
    ready ??= { value: check(value) };
    return ready.value;
  };
}

function recordCheck(expected: string, fill: Fill): Check {
  return (value) => {
    if (!isObject(value)) throw mismatch(expected, value);
    const record: Record<string, unknown> = {};
    fill(record, value);
    return record;
  };
}

function arrayCheck(expected: string, check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) throw mismatch(expected, value);
    const items: unknown[] = [];
    let index = 0;
    try {
      for (; index < value.length; index++) items.push(check(value[index]));
    } catch (error) {
      throw inside(`[${index}]`, error);
    }
    return items;
  };
}

function mapCheck(expected: string, check: Check): Check {
  return (value) => {
    if (!isObject(value)) throw mismatch(expected, value);
    const map: Record<string, unknown> = {};
    let at = '';
    try {
      for (const key of Object.keys(value)) {
        at = key;
        const checked = check(value[key]);
        if (key === '__proto__') {
          // Plain assignment would change the prototype instead of adding an entry.
          Object.defineProperty(map, key, {
            value: checked,
            enumerable: true,
            configurable: true,
            writable: true,
          });
        } else {
          map[key] = checked;
        }
      }
    } catch (error) {
      throw inside(`[${JSON.stringify(at)}]`, error);
    }
    return map;
  };
}

function nullableCheck(node: SchemaNode, check: Check): Check {
  const expected = describeType(node);
  return (value) => {
    if (value === null) return null;
    try {
      return check(value);
    } catch (error) {
      // At the value itself null would have done too; deeper in, the message is right as it is.
      throw error instanceof PayloadMismatch && error.path === ''
        ? mismatch(expected, value)
        : error;
    }
  };
}

function enumCheck(node: SchemaNode, symbols: ReadonlySet<unknown>): Check {
  const expected = describeType(node);
  return (value) => {
    if (!symbols.has(value)) throw mismatch(expected, value);
    return value;
  };
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const scalarChecks: Readonly<Record<ScalarKind, (expected: string) => Check>> = {
  string: (expected) => (value) => {
    if (typeof value !== 'string') throw mismatch(expected, value);
    return value;
  },
  boolean: (expected) => (value) => {
    if (typeof value !== 'boolean') throw mismatch(expected, value);
    return value;
  },
  int: (expected) => (value) => {
    if (typeof value !== 'number' || (value | 0) !== value) throw mismatch(expected, value);
    return value | 0;
  },
  long: (expected) => (value) => {
    if (!Number.isSafeInteger(value)) throw mismatch(expected, value);
    // Minus zero does not survive the wire.
    return value === 0 ? 0 : value;
  },
  float: (expected) => (value) => {
    // Readers get 32 bits, so the event has them from the start.
    const rounded = typeof value === 'number' ? Math.fround(value) : Number.NaN;
    if (!Number.isFinite(rounded)) throw mismatch(expected, value);
    return rounded === 0 ? 0 : rounded;
  },
  double: (expected) => (value) => {
    if (!Number.isFinite(value)) throw mismatch(expected, value);
    // JSON, in which defaults are registered, has no minus zero.
    return value === 0 ? 0 : value;
  },
  bytes: (expected) => (value) => {
    if (!types.isUint8Array(value)) throw mismatch(expected, value);
    return new Uint8Array(value);
  },
  uuid: (expected) => (value) => {
    if (typeof value !== 'string' || !uuidForm.test(value)) throw mismatch(expected, value);
    return value;
  },
  timestamp: (expected) => (value) => {
    const timeMs = types.isDate(value) ? value.getTime() : Number.NaN;
    if (Number.isNaN(timeMs)) throw mismatch(expected, value);
    return new Date(timeMs);
  },
  date: (expected) => (value) => {
    if (typeof value !== 'string' || dateToDays(value) === undefined) {
      throw mismatch(expected, value);
    }
    return value;
  },
};

/** An object that can be a record or a map: no array, Map, Date, Promise. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    // Instances of a class, and plain objects of another realm, such as a test runner's.
    Object.prototype.toString.call(value) === '[object Object]'
  );
}
