import { ConfigurationError } from './errors/error-kinds.ts';

/** Any of them, where it shall not be the default; undefined is not given. */
export type GivenLimits<Limits> = {
  readonly [Name in keyof Limits]?:
    | (Limits[Name] extends number ? number : GivenLimits<Limits[Name]>)
    | undefined;
};

/**
 * The defaults with what was given instead. A limit is a whole number from 1, or from 0 where `fromZero` has its name; a
 * group of limits has a name of its own (`saga.retriesMax`). Throws a `ConfigurationError` that names every wrong one.
 *
 * @example
 * const limits = checkedLimits({ queueMax: 10 }, { queueMax: 1_000, delayMs: 5 }, ['delayMs']);
 */
export function checkedLimits<Limits extends object>(
  given: GivenLimits<Limits>,
  defaults: Limits,
  fromZero: readonly string[] = [],
): Limits {
  const faults: string[] = [];
  const limits = merged(given, defaults, '', fromZero, faults);
  if (faults.length > 0) throw new ConfigurationError(`limits: ${faults.join('; ')}`);
  return limits;
}

function merged<Limits extends object>(
  given: object,
  defaults: Limits,
  prefix: string,
  fromZero: readonly string[],
  faults: string[],
): Limits {
  const known = new Map<string, unknown>(Object.entries(defaults));
  const limits = new Map(known);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const path = `${prefix}${name}`;
    const usual = known.get(name);
    const min = fromZero.includes(path) ? 0 : 1;
    if (usual === undefined) {
      faults.push(`${path} is no limit: there are ${[...known.keys()].join(', ')}`);
    } else if (isGroup(usual) && isGroup(value)) {
      limits.set(name, merged(value, usual, `${path}.`, fromZero, faults));
    } else if (isGroup(usual) || !Number.isSafeInteger(value) || value < min) {
      const expected = isGroup(usual) ? 'limits by their names' : `a whole number from ${min}`;
      faults.push(`${path} is ${String(value)}: expected ${expected}`);
    } else {
      limits.set(name, value);
    }
  }
  return Object.assign({ ...defaults }, Object.fromEntries(limits));
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
