import { describe, expect, it } from 'vitest';
import { findHosting } from './hosting.ts';

describe('findHosting', () => {
  it('does as TROUPE_HOSTING says', async () => {
    expect(await findHosting('containers')).toBe('containers');
    expect(await findHosting('processes')).toBe('processes');
  });

  it('refuses another word, and says which it knows', async () => {
    await expect(findHosting('podman')).rejects.toThrow(/'podman'.*'containers' or 'processes'/);
  });
});
