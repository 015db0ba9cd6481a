import { expect, test } from 'vitest';
import { checkClientVersion } from './kafkajs-modules.ts';

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
