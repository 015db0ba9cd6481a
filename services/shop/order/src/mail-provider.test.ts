import { RetryableError } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { greylistingDomain, simulateMail } from './mail-provider.ts';

const { signal } = new AbortController();
const mail = (to: string) => ({ idempotencyKey: 'o-1', to, text: 'Hello' });

describe('the simulated mail provider', () => {
  test('takes a mail', async () => {
    const id = await simulateMail().send(mail('a@theatre.example'), signal);
    expect(id).toBe('<o-1@shop.example>');
  });

  test('passes on that a greylisting server turned the first attempt away', async () => {
    const mails = simulateMail();
    const greylisted = mail(`a@${greylistingDomain}`);
    await expect(mails.send(greylisted, signal)).rejects.toThrow(RetryableError);
    expect(await mails.send(greylisted, signal)).toBe('<o-1@shop.example>');
  });
});
