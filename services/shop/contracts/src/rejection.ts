import { t } from '@troupe/core';

/** The fields that every refusal has: a stable code for machines, a sentence for people. */
export const rejection = {
  reason: t.string().doc('A stable code, as too-little-stock.'),
  detail: t.string().doc('The reason as a sentence for people.'),
};
