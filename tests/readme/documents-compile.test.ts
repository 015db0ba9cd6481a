import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder } from '../architecture/source-file.ts';
import { filesOf, readDocument, withFiles } from './document-files.ts';
import { runProgram } from './run-program.ts';

test.each(['docs/getting-started.md', 'docs/reference.md', 'docs/operations.md'])(
  'the files of %s compile',
  async (path) => {
    const files = filesOf(await readDocument(path));
    expect(files.length).toBeGreaterThan(2);
    await withFiles(files, async (folder) => {
      const names = files.map(({ name }) => name);
      const config = { extends: join(repositoryFolder, 'tsconfig.base.json'), files: names };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const compiler = join(repositoryFolder, 'node_modules/.bin/tsc');
      expect(await runProgram(compiler, ['-p', folder])).toEqual({ code: 0, output: '' });
    });
  },
);
