import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateToDays, daysToDate } from './calendar-date.ts';

test('days and text are the same dates', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
      const text = daysToDate(days);
      expect(text).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(dateToDays(text ?? '')).toBe(days);
    }),
  );
});

test('a text is a date exactly if the calendar of JavaScript knows that day', () => {
  const number = (max: number) => fc.integer({ min: 0, max });
  fc.assert(
    fc.property(number(9999), number(13), number(32), (year, month, day) => {
      const pad = (n: number, digits: number) => String(n).padStart(digits, '0');
      const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
      const time = new Date(0).setUTCFullYear(year, month - 1, day);
      const exists = new Date(time).toISOString().startsWith(text);
      expect(dateToDays(text) !== undefined).toBe(exists);
    }),
  );
});
