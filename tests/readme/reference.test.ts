import { join } from 'node:path';
import { defaultCoordinatorLimits } from '@troupe/coordinator';
import { defaultServiceLimits } from '@troupe/core';
import { defaultSagaLimits } from '@troupe/core/internal';
import { expect, test } from 'vitest';
import { filesOf, readDocument, withFiles } from './document-files.ts';
import { runProgram } from './run-program.ts';

/** A row of a table: the name of a limit, and its default. */
const limitRow = /^\| `(?<name>[\w.]+)` \| (?<value>[\d,]+) \|/gm;

const sagaLimits = Object.entries(defaultSagaLimits).map(([name, ms]) => [`saga.${name}`, ms]);
const defaults: Readonly<Record<string, object>> = {
  createService: defaultServiceLimits,
  createCoordinator: { ...defaultCoordinatorLimits, ...Object.fromEntries(sagaLimits) },
};

test.each(Object.entries(defaults))('the limits of %s are its defaults', async (name, limits) => {
  const [, after = ''] = (await readDocument('docs/reference.md')).split(`## ${name}\n`);
  const [section = ''] = after.split('\n## ');
  const told = [...section.matchAll(limitRow)].map(({ groups }) => {
    return [groups?.['name'], Number(groups?.['value']?.replaceAll(',', ''))];
  });
  expect(told.length).toBeGreaterThan(10);
  expect(limits).toMatchObject(Object.fromEntries(told));
});

test('its definitions are sound, and its tests pass and print what it says', async () => {
  const reference = await readDocument('docs/reference.md');
  const output = /```text\n(?<said>.*?)```/s.exec(reference)?.groups?.['said'];
  await withFiles(filesOf(reference), async (folder) => {
    const end = await runProgram(process.execPath, [join(folder, 'place-order.test.ts')]);
    expect(end).toEqual({ code: 0, output });
  });
});
