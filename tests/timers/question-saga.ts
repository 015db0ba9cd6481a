import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';

/** Short enough to be waited for, long enough for two records that are sent together. */
export const limitMs = 3_000;

/** A question, and an answer on another topic that is in time or is not. */
const id = t.string().key();
export class Asked extends defineEvent('clock.Asked', { id }) {}
export class Answered extends defineEvent('clock.answers.Answered', { id }) {}

const answer = defineStep('answer', { after: Asked, emits: Answered, timeoutMs: limitMs });

export const question = defineSaga('question', {
  version: 1,
  startsOn: Asked,
  steps: [answer],
  timeoutMs: 60 * 60_000,
});

export const answerer = implement(answer, { execute: async ({ id }) => new Answered({ id }) });
