import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/** The smallest saga: somebody calls, and somebody else answers. */
const id = t.string().key();
export class Called extends defineEvent('phone.Called', { id }) {}
export class Answered extends defineEvent('phone.Answered', { id }) {}

export const answer = defineStep('answer', { after: Called, emits: Answered, pivot: true });
export const phoneCall = defineSaga('phone-call', {
  version: 1,
  startsOn: Called,
  steps: [answer],
});
