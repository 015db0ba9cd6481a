import { expect, it } from 'vitest';
import { readOtlpAddress } from './otlp-address.ts';

it('is a base address to which the path of traces is added', () => {
  for (const endpoint of ['http://localhost:4318', 'http://localhost:4318/']) {
    expect(readOtlpAddress(endpoint)).toEqual({
      url: 'http://localhost:4318/v1/traces',
      headers: {},
    });
  }
  expect(readOtlpAddress('https://collector/otlp/').url).toBe('https://collector/otlp/v1/traces');
});

it('moves user and password out of the address, into a header', () => {
  const { url, headers } = readOtlpAddress('https://shop:p%40ss@collector:4318');
  expect(url).toBe('https://collector:4318/v1/traces');
  expect(headers).toEqual({
    authorization: `Basic ${Buffer.from('shop:p@ss').toString('base64')}`,
  });
});

for (const endpoint of ['localhost:4318', 'grpc://collector:4317', 'nonsense', 'http://']) {
  it(`refuses ${endpoint} with an example of what is right`, () => {
    expect(() => readOtlpAddress(endpoint)).toThrow(/no http address.*http:\/\/localhost:4318/);
  });
}

it('does not repeat a refused address, which may hold a password', () => {
  expect(() => readOtlpAddress('ftp://shop:secret@collector')).toThrow(/^(?!.*secret)/);
});
