import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder } from '../architecture/source-file.ts';
import { readDocument } from './document-files.ts';

/** Everything in backticks in the first column of a document's tables, from a heading to the next one of its level. */
async function firstColumn(path: string, heading: string): Promise<readonly string[]> {
  const section = await sectionOf(path, heading);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.flatMap((row) => quotedIn(row.split('|')[1] ?? ''));
}

async function sectionOf(path: string, heading: string): Promise<string> {
  const [, after] = (await readDocument(path)).split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`${path} has no heading ${heading}`);
  return after.split('\n## ')[0] ?? '';
}

function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(/`([\w.-]+)`/g)].map(([, word = '']) => word);
}

/** The members of a union of texts, as it is written, and of those in the same file that it names. */
async function unionOf(path: string, name: string): Promise<readonly string[]> {
  const source = await readFile(join(repositoryFolder, path), 'utf8');
  const [, after = ''] = source.split(`export type ${name} =`);
  const [union = ''] = after.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').split(';');
  const named = [...union.matchAll(/\| ([A-Z]\w+)/g)].map(([, other = '']) => unionOf(path, other));
  const own = [...union.matchAll(/'([\w-]+)'/g)].map(([, one = '']) => one);
  return [...own, ...(await Promise.all(named)).flat()];
}

const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].toSorted();

test('each code of an error is on dead letters, or said never to be', async () => {
  const letters = await firstColumn('docs/operations.md', 'Dead letters');
  const section = await sectionOf('docs/operations.md', 'Dead letters');
  const never = quotedIn(
    /Never on a letter: (?<codes>.*?)\. /s.exec(section)?.groups?.['codes'] ?? '',
  );
  const codes = await unionOf('packages/core/src/errors/error-code.ts', 'ErrorCode');
  expect(codes.length).toBeGreaterThan(20);
  expect(sorted([...letters, ...never])).toEqual(sorted(codes));
  expect(letters.filter((code) => never.includes(code))).toEqual([]);
});

test('each problem of the health, and what it says of a partition, is told', async () => {
  const told = await firstColumn('docs/operations.md', 'Health');
  const codes = await unionOf('packages/core/src/participant/service-health.ts', 'ProblemCode');
  const phases = await unionOf('packages/coordinator/src/shard/shard.ts', 'ShardPhase');
  // A partition's number needs no word.
  const fields = ['phase', 'sagas', 'stuck', 'misplaced'];
  const report = await readFile(join(repositoryFolder, 'packages/coordinator/src/coordinator.ts'));
  for (const field of fields) expect(report.toString()).toContain(`readonly ${field}: `);
  expect(sorted(told)).toEqual(sorted([...codes, ...phases, ...fields]));
});

const sagaEvents = 'packages/core/src/sagas/saga-event.ts';

test('each reason of being stuck is told, and what ends it', async () => {
  const reasons = await unionOf(sagaEvents, 'StuckReason');
  expect(reasons.length).toBeGreaterThan(10);
  const ends = await firstColumn('docs/operations.md', 'Ending a stuck saga');
  expect(sorted(ends)).toEqual(sorted(reasons));
  const concepts = await sectionOf('docs/concepts.md', 'How one saga runs');
  const [, table = ''] = concepts.split('| stuck because of |');
  const rows = table.split('\n').map((row) => row.split('|')[1] ?? '');
  expect(sorted(rows.flatMap(quotedIn))).toEqual(sorted(reasons));
});

test.each([
  ['DoomCause', '| `cause` of `saga-doomed` |'],
  ['Deviation', '| `deviation` | |'],
])('each %s is part of the wire format', async (union, head) => {
  const section = await sectionOf('docs/wire-format.md', 'The life of a saga');
  const [, after = ''] = section.split(`\n${head}`);
  const [table = ''] = after.split('\n\n');
  const told = table.split('\n').flatMap((row) => quotedIn(row.split('|')[1] ?? ''));
  expect(sorted(told)).toEqual(sorted(await unionOf(sagaEvents, union)));
});

test('each setting of a ready-made process is told', async () => {
  const told = await firstColumn('docs/operations.md', 'What runs');
  const names: string[] = [];
  for (const folder of ['packages/service-process/src', 'services']) {
    for (const file of await filesIn(folder)) {
      if (!/(settings|config)\.ts$/.test(file)) continue;
      const source = await readFile(file, 'utf8');
      names.push(...[...source.matchAll(/read\.\w+\('([A-Z_]+)'/g)].map(([, name = '']) => name));
    }
  }
  expect(names.length).toBeGreaterThan(10);
  expect(sorted(told)).toEqual(sorted(names));
});

test('each set of limits is told', async () => {
  const names: string[] = [];
  for (const file of await filesIn('packages')) {
    const source = await readFile(file, 'utf8');
    names.push(
      ...[...source.matchAll(/^export const (\w*[lL]imits)\b/gm)].map(([, name = '']) => name),
    );
  }
  const told = await firstColumn('docs/operations.md', 'Limits');
  expect(names).toContain('kafkajsLimits');
  expect(told).toEqual(expect.arrayContaining(names));
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const inside = join(repositoryFolder, folder);
  const names = await readdir(inside, { recursive: true });
  return names
    .filter((name) => /\/src\/.*\.ts$|^[\w-]+\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(inside, name));
}
