import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryFolder } from '../architecture/source-file.ts';

/** A block that begins with the name of its file. */
const fileBlock = /```ts\n\/\/ (?<name>[\w.-]+\.ts)\b.*?\n(?<text>.*?)```/gs;

export interface DocumentFile {
  readonly name: string;
  readonly text: string;
}

export function readDocument(path: string): Promise<string> {
  return readFile(join(repositoryFolder, path), 'utf8');
}

/** The files that a document tells its reader to write. Throws when one of its programs is no file. */
export function filesOf(document: string): readonly DocumentFile[] {
  const files = [...document.matchAll(fileBlock)].map(({ groups }) => ({
    name: groups?.['name'] ?? '',
    text: groups?.['text'] ?? '',
  }));
  const blocks = document.match(/```ts\n/g)?.length ?? 0;
  if (files.length === blocks) return files;
  throw new Error(`of ${blocks} programs ${files.length} begin with the name of their file`);
}

/** Calls `use` with a folder that holds the files: inside the project, so that its packages are found. */
export async function withFiles(
  files: readonly DocumentFile[],
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = join(import.meta.dirname, `.guide-${randomUUID()}`);
  await mkdir(folder);
  try {
    for (const { name, text } of files) await writeFile(join(folder, name), text);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
