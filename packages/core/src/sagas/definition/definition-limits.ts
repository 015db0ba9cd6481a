import { timeoutMsMax } from '../graph/parse-graph.ts';
import { isName, nameLengthMax, versionMax } from '../graph/saga-names.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What a definition may say, and what holds where it says nothing. */
export const definitionLimits = {
  nameLengthMax,
  versionMax,
  stepTimeoutMs: 5 * minuteMs,
  sagaTimeoutMs: dayMs,
  timeoutMsMax,
  attemptsMax: 1_000_000,
} as const;

export function nameFaults(what: string, name: unknown): string[] {
  return typeof name === 'string' && isName(name)
    ? []
    : [
        `${what} name ${JSON.stringify(name) ?? String(name)} does not do: 1 to ${nameLengthMax} letters, digits, '-', '_' and '.', beginning with a letter`,
      ];
}

export function wholeNumberFaults(
  name: string,
  value: unknown,
  min: number,
  max: number,
): string[] {
  if (value === undefined) return [];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
    ? []
    : [`${name} has to be a whole number from ${min} to ${max}, got ${String(value)}`];
}

export function unknownOptionFaults(options: object, known: readonly string[]): string[] {
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `there is no option '${name}': the options are ${known.join(', ')}`);
}
