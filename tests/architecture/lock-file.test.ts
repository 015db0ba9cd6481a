import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryFolder } from './source-file.ts';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('package-lock.json', () => {
  it('has the optional packages of every platform, or npm ci refuses it everywhere', () => {
    const text = readFileSync(join(repositoryFolder, 'package-lock.json'), 'utf8');
    const lock: { packages: Record<string, LockedPackage> } = JSON.parse(text);
    const present = Object.keys(lock.packages);
    const missing = Object.values(lock.packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !present.some((path) => path.endsWith(`node_modules/${name}`)));
    expect(missing, "run 'node infra/complete-lock.mjs'").toEqual([]);
  });
});
