import { RetryableError } from '@troupe/core';

/** Who delivers mail. Idempotent by `idempotencyKey`. */
export interface MailProvider {
  /** Returns the message's id. Throws a `RetryableError` when the mail was not taken. */
  send(mail: Mail, signal: AbortSignal): Promise<string>;
}

export interface Mail {
  readonly idempotencyKey: string;
  readonly to: string;
  readonly text: string;
}

/** Mail servers of this domain turn the first attempt away, as greylisting ones do. */
export const greylistingDomain = 'greylist.example';

/** A provider in memory that passes on what mail servers say. */
export function simulateMail(): MailProvider {
  /** Mails that were turned away and not yet taken. */
  const turnedAway = new Set<string>();
  return {
    async send({ idempotencyKey, to }) {
      if (to.endsWith(`@${greylistingDomain}`) && !turnedAway.delete(idempotencyKey)) {
        turnedAway.add(idempotencyKey);
        throw new RetryableError(`451 greylisted, try again later: mail ${idempotencyKey}`);
      }
      return `<${idempotencyKey}@shop.example>`;
    },
  };
}
