const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What a definition may say, and what holds where it says nothing. */
export const definitionLimits = {
  /** Characters; a saga's name travels with version and hash in one header of 256 bytes. */
  nameLengthMax: 200,
  versionMax: 999_999_999,
  stepTimeoutMs: 5 * minuteMs,
  sagaTimeoutMs: dayMs,
  /** Topics have to keep their events longer than this. */
  timeoutMsMax: 366 * dayMs,
  attemptsMax: 1_000_000,
} as const;

const nameForm = /^[A-Za-z][\w.-]*$/;

/** Names of sagas and steps stand in headers, in keys and on pages. */
export function nameFaults(what: string, name: unknown): string[] {
  const { nameLengthMax } = definitionLimits;
  return typeof name === 'string' && name.length <= nameLengthMax && nameForm.test(name)
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
