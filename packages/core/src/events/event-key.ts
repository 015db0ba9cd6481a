import { Buffer } from 'node:buffer';

/** The key is the saga id and travels in a header: UTF-8 bytes. */
export const eventKeyBytesMax = 256;

/** How messages say what a key has to be. */
export const eventKeyDescription = `the saga id: text of 1 to ${eventKeyBytesMax} bytes without control characters`;

/** Control characters, and what stands for bytes that are no UTF-8: in no key, and in no header. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
export const unreadable = /[\u0000-\u001f\u007f\ufffd]/;

/** Whether `text` can be the key of an event, and so the id of a saga. */
export function isEventKey(text: string): boolean {
  return (
    text.length > 0 &&
    // Most keys are short; three bytes is the most that one UTF-16 unit takes.
    (text.length * 3 <= eventKeyBytesMax || Buffer.byteLength(text) <= eventKeyBytesMax) &&
    // Half of a surrogate pair would come back from the wire as another character.
    text.isWellFormed() &&
    !unreadable.test(text)
  );
}
