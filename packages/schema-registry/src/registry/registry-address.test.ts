import { expect, it } from 'vitest';
import { readRegistryAddress } from './registry-address.ts';

it('keeps the path and drops slashes at its end', () => {
  for (const end of ['', '/', '//']) {
    expect(readRegistryAddress(`http://localhost:8080/apis/ccompat/v7${end}`)).toEqual({
      url: 'http://localhost:8080/apis/ccompat/v7',
      credentials: undefined,
    });
  }
});

it('takes user and password out of the address', () => {
  expect(readRegistryAddress('https://shop:p%40ss%2Fword@registry?x=1#y')).toEqual({
    url: 'https://registry',
    credentials: { username: 'shop', password: 'p@ss/word' },
  });
});

for (const text of ['', 'localhost:8081', 'registry', 'ftp://shop:secret@registry']) {
  it(`refuses '${text}' with examples of what is right, and does not repeat it`, () => {
    expect(() => readRegistryAddress(text)).toThrow(/^(?!.*secret).*http:\/\/localhost:8081/);
  });
}
