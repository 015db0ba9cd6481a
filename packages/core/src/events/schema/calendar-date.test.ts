import { describe, expect, test } from 'vitest';
import { dateToDays, daysToDate } from './calendar-date.ts';

describe('calendar dates', () => {
  test.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2026-11-21', 20_778],
    ['2000-02-29', 11_016],
    ['0000-01-01', -719_528],
    ['0099-12-31', -683_004],
    ['9999-12-31', 2_932_896],
  ])('%s is day %i', (text, days) => {
    expect(dateToDays(text)).toBe(days);
    expect(daysToDate(days)).toBe(text);
  });

  test.each([
    ...['2026-02-29', '1900-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00'],
    ...['2026-1-1', '26-01-01', '2026-01-01T00:00:00Z', ' 2026-01-01', '2026-01-01\n', '', 'today'],
  ])('%j is no day', (text) => {
    expect(dateToDays(text)).toBeUndefined();
  });

  test.each([2_932_897, -719_529, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'day %d has no text',
    (days) => {
      expect(daysToDate(days)).toBeUndefined();
    },
  );
});
