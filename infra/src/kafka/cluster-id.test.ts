import { expect, it } from 'vitest';
import { newClusterId } from './cluster-id.ts';

it('is a base64url id that no tool takes for an option', () => {
  for (let count = 0; count < 1_000; count += 1)
    expect(newClusterId()).toMatch(/^[A-Za-f][\w-]{21}$/);
});
