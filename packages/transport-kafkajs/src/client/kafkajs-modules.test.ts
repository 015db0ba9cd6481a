import { expect, test } from 'vitest';
import { checkClientVersion, patchOnce } from './kafkajs-modules.ts';

test('the version that is installed is the one whose faults are corrected', () => {
  expect(() => checkClientVersion()).not.toThrow();
});

test('another version is refused, by both numbers and the way out', () => {
  expect(() => checkClientVersion('2.2.5')).toThrow(
    expect.objectContaining({
      code: 'configuration-invalid',
      message: expect.stringMatching(/kafkajs 2\.2\.5 is installed.*npm install kafkajs@2\.2\.4/),
    }),
  );
});

test('a correction that failed is not taken for one that is in force', () => {
  let tries = 0;
  const failOnce = () => {
    tries += 1;
    if (tries === 1) throw new Error('no such module');
  };
  expect(() => patchOnce('of a test', failOnce)).toThrow('no such module');
  for (let again = 0; again < 2; again += 1) patchOnce('of a test', failOnce);
  expect(tries).toBe(2);
});
