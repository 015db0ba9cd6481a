import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The blocks after the mark: the program, and what it prints. */
const example = /<!-- example:.*?-->\s*```ts\n(?<program>.*?)```\s*```text\n(?<output>.*?)```/s;

test('the first example of the README runs as it stands and prints what the README says', async () => {
  const { program, output } =
    (await readFile(join(root, 'README.md'), 'utf8')).match(example)?.groups ?? {};
  if (program === undefined) throw new Error('the README has no marked example');
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  // Inside the project, so that its packages are found.
  const file = join(import.meta.dirname, `.example-${process.pid}.ts`);
  await writeFile(file, program);
  try {
    expect(await run(file)).toEqual({ code: 0, output });
  } finally {
    await rm(file);
  }
});

function run(file: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}
