import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** A block that begins with the name of its file. */
const fileBlock = /```ts\n\/\/ (?<name>[\w.-]+\.ts)\b.*?\n(?<text>.*?)```/gs;

test('the files of docs/getting-started.md compile', async () => {
  const guide = await readFile(join(root, 'docs/getting-started.md'), 'utf8');
  const files = [...guide.matchAll(fileBlock)].map(({ groups }) => groups ?? {});
  expect(files.map(({ name }) => name)).toEqual([
    'contracts.ts',
    'make-topics.ts',
    'inventory.ts',
    'telemetry.ts',
    'place-order.test.ts',
  ]);
  // Inside the project, so that its packages are found.
  const folder = join(import.meta.dirname, `.guide-${process.pid}`);
  await mkdir(folder);
  try {
    for (const { name = '', text = '' } of files) await writeFile(join(folder, name), text);
    const names = files.map(({ name }) => name);
    const config = { extends: join(root, 'tsconfig.base.json'), files: names };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    expect(await compile(folder)).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What the compiler says; nothing when all is well. */
function compile(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject).on('close', () => resolve(output));
  });
}
