import { waits } from '@troupe/coordinator';
import { describe, expect, it } from 'vitest';
import { shardWaits } from './shard-waits.ts';
import { describeViolation, parseSourceFile, readSourceFiles } from './source-file.ts';

const shardFolder = 'packages/coordinator/src/shard';
const port = parseSourceFile(
  'packages/core/src/ports/log.ts',
  'export interface Log { commit(): Promise<void>; size(): number; readonly read: () => Promise<void> }',
);

/** What is wrong with one file of a shard. */
function faultsOf(text: string): string[] {
  const file = parseSourceFile(`${shardFolder}/a.ts`, text);
  return shardWaits([file], [port]).unnamed.map(({ rule }) => rule);
}

describe('a wait of a shard that no checkpoint names is found', () => {
  it.each([
    ['an await of a port', 'async function a() { await log.commit(); }', 2],
    ['an await of a promise', 'async function a() { await this.#done.promise; }', 1],
    [
      'one within an own function',
      'async function a() { await b(); } async function b() { await c; }',
      1,
    ],
    [
      'one behind an own name that a port has too',
      'class A { async commit() { await this.commit(); } }',
      2,
    ],
    ['something begun and not awaited', 'function a() { void log.commit(); }', 1],
    ['a port that is a function', 'function a({ read }) { void read(); }', 1],
    ['a continuation', 'function a() { later.then(b); }', 1],
    ['a race', 'function a() { return Promise.race([b, c]); }', 1],
    ['an asynchronous loop', 'async function a() { for await (const b of c) d(b); }', 1],
  ])('%s', (_, text, faults) => {
    expect(faultsOf(text)).toHaveLength(faults);
  });

  it.each([
    ['a wait with a name', "async function a() { await waitFor('x', () => log.commit()); }"],
    [
      'one that was kept',
      "class A { async a() { await this.#waitFor('x', () => log.commit()); } }",
    ],
    [
      'an own function',
      "async function a() { await b(); } async function b() { await waitFor('x', c); }",
    ],
    [
      'an own method that may not be there',
      'class A { async a() { await this.#b?.c(); } async c() {} }',
    ],
    ['a port that answers at once', 'function a() { return log.size(); }'],
  ])('and %s is none', (_, text) => {
    expect(faultsOf(text)).toEqual([]);
  });
});

describe('the list of checkpoints is complete', () => {
  const files = readSourceFiles().filter(({ isTest }) => !isTest);
  const shard = files.filter(({ path }) => path.startsWith(`${shardFolder}/`));
  // All that a shard is given by which it can reach the world.
  const ports = files.filter(({ path }) =>
    /^packages\/core\/src\/ports\/(clock|serde|transport)\.ts$|\/shard-parts\.ts$/.test(path),
  );
  const found = shardWaits(shard, ports);

  it('a shard waits for nothing that has no name', () => {
    expect(shard.length).toBeGreaterThan(15);
    expect(ports).toHaveLength(4);
    expect(found.unnamed.map(describeViolation)).toEqual([]);
  });

  it('each name is that of one place, and each has one', () => {
    expect([...found.names].sort()).toEqual([...waits].sort());
  });
});
