import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from './cache-folder.ts';
import { installOnce } from './install-once.ts';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'troupe-cache-'));
});

afterEach(() => rmSync(cache, { recursive: true, force: true }));

describe('installOnce', () => {
  it('makes a thing once, however many ask for it at the same time', async () => {
    let made = 0;
    const make = async (folder: string) => {
      made += 1;
      await writeFile(join(folder, 'tool'), `made ${made}`);
    };
    const ask = () => installOnce({ name: 'tool-1', make }, { cache });
    const folders = await Promise.all([ask(), ask(), ask()]);
    await ask();
    expect(new Set(folders)).toEqual(new Set([join(cache, 'tool-1')]));
    expect(readFileSync(join(cache, 'tool-1', 'tool'), 'utf8')).toBe('made 1');
    expect(readdirSync(cache)).toEqual(['tool-1']);
  });

  it('leaves nothing behind when making it fails, and makes it the next time', async () => {
    const broken = async (folder: string) => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('the network is away');
    };
    const failing = installOnce({ name: 'tool-1', make: broken }, { cache });
    await expect(failing).rejects.toThrow('the network is away');
    expect(readdirSync(cache)).toEqual([]);
    await installOnce({ name: 'tool-1', make: async () => undefined }, { cache });
    expect(readdirSync(cache)).toEqual(['tool-1']);
  });
});

describe('cacheFolder', () => {
  it('follows XDG_CACHE_HOME', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/caches' })).toBe('/var/caches/troupe');
    expect(cacheFolder({})).toMatch(/\.cache\/troupe$/);
  });
});
