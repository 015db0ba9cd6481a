import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/**
 * One saga in two versions. `stamp` is the same in both; `post` needs more in the second, so that it is another contract;
 * `file` is new.
 *
 *     1:  LetterWritten ── stamp ── post
 *     2:  LetterWritten ─┬─ stamp ─┬─ post ── file
 *                        └─────────┘
 */
const id = t.string().key();
export class LetterWritten extends defineEvent('rules.letter.LetterWritten', { id }) {}
export class LetterStamped extends defineEvent('rules.letter.LetterStamped', { id }) {}
export class LetterPosted extends defineEvent('rules.letter.LetterPosted', { id }) {}
export class LetterFiled extends defineEvent('rules.letter.LetterFiled', { id }) {}

export const stamp = defineStep('stamp', { after: LetterWritten, emits: LetterStamped });
export const postBefore = defineStep('post', { after: stamp, emits: LetterPosted });
export const postNow = defineStep('post', {
  after: { letter: LetterWritten, stamped: stamp },
  emits: LetterPosted,
});
export const file = defineStep('file', { after: postNow, emits: LetterFiled });

export const sendLetter = defineSaga('send-letter', {
  version: 1,
  startsOn: LetterWritten,
  steps: [stamp, postBefore],
});
export const sendLetterNow = defineSaga('send-letter', {
  version: 2,
  startsOn: LetterWritten,
  steps: [stamp, postNow, file],
});
/** Another content for a version that there is. */
export const sendLetterOtherwise = defineSaga('send-letter', {
  version: 1,
  startsOn: LetterWritten,
  steps: [stamp],
});
