import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDocument } from './document-files.ts';
import { runProgram } from './run-program.ts';

/** The blocks after the mark: the program, and what it prints. */
const example = /<!-- example:.*?-->\s*```ts\n(?<program>.*?)```\s*```text\n(?<output>.*?)```/s;

test('the first example of the README runs as it stands and prints what the README says', async () => {
  const { program, output } = (await readDocument('README.md')).match(example)?.groups ?? {};
  if (program === undefined) throw new Error('the README has no marked example');
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  // Inside the project, so that its packages are found.
  const file = join(import.meta.dirname, `.example-${process.pid}.ts`);
  await writeFile(file, program);
  try {
    expect(await runProgram(process.execPath, [file])).toEqual({ code: 0, output });
  } finally {
    await rm(file);
  }
});
