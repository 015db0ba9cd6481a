const form = /^(\d{4})-(\d\d)-(\d\d)$/;
const dayMs = 86_400_000;
/** Days from 1970-01-01 of the first and the last date that the form can write. */
const daysMin = daysOf(0, 1, 1);
const daysMax = daysOf(9999, 12, 31);

/** Days since 1970-01-01 of `'2026-11-21'`, as Avro's `date`; undefined when there is no such day. */
export function dateToDays(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  return month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)
    ? undefined
    : daysOf(year, month, day);
}

/** `'2026-11-21'` of days since 1970-01-01; undefined outside of the years 0000 to 9999. */
export function daysToDate(days: number): string | undefined {
  return Number.isInteger(days) && days >= daysMin && days <= daysMax
    ? new Date(days * dayMs).toISOString().slice(0, 10)
    : undefined;
}

function daysOf(year: number, month: number, day: number): number {
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  return new Date(0).setUTCFullYear(year, month - 1, day) / dayMs;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
