/**
 * A value that does not fit its type. It is made where the value is found, without a path; what stands around
 * adds its step while the error passes, so that a fitting payload pays nothing for paths.
 */
export class PayloadMismatch extends Error {
  readonly expected: string;
  readonly got: string;
  /** `lines[2].quantity`; empty for the value itself. */
  path: string;

  constructor(sentence: string, expected: string, got: string, path = '') {
    super(sentence);
    this.expected = expected;
    this.got = got;
    this.path = path;
  }
}

/** `expected int (32 bits), got string "x"`. */
export function mismatch(expected: string, value: unknown): PayloadMismatch {
  const got = describeValue(value);
  return new PayloadMismatch(`expected ${expected}, got ${got}`, expected, got);
}

const namesShownMax = 20;

export function unknownField(
  name: string,
  owner: string,
  known: readonly string[],
): PayloadMismatch {
  const more = known.length > namesShownMax ? ', ...' : '';
  const has = `${known.slice(0, namesShownMax).join(', ')}${more}`;
  return new PayloadMismatch(
    `no such field: ${owner} has ${has}`,
    'no such field',
    'a value',
    name,
  );
}

/** Adds `step` (`name`, `[2]`, `["key"]`) in front of the path and returns the error for throwing on. */
export function inside(step: string, error: unknown): unknown {
  if (error instanceof PayloadMismatch) {
    const joint = error.path === '' || error.path.startsWith('[') ? '' : '.';
    error.path = `${step}${joint}${error.path}`;
  }
  return error;
}

const textLengthMax = 40;

/** The value's type, and the value where it is short: `string "x"`, `number 1.5`, `Map`, `undefined`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > textLengthMax
        ? `string ${JSON.stringify(`${value.slice(0, textLengthMax)}...`)} of ${value.length} characters`
        : `string ${JSON.stringify(value)}`;
    case 'number':
      return `number ${Object.is(value, -0) ? '-0' : value}`;
    case 'boolean':
      return `boolean ${value}`;
    case 'bigint':
      return `bigint ${String(value).slice(0, textLengthMax)}`;
    case 'object':
      return describeObject(value);
    default:
      return typeof value;
  }
}

function describeObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'Date';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'object';
}
