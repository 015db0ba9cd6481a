import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from './run-tsc.ts';

/**
 * What the compiler says to each mistake. In the files `*.mistakes.type-test.ts` the comment lines between
 * `@ts-expect-error` and the mistake are parts of the message that its author has to read.
 */
const directive = '// @ts-expect-error';
const mistakeFiles = readdirSync(import.meta.dirname).filter((name) =>
  name.endsWith('.mistakes.type-test.ts'),
);

interface Expectation {
  readonly file: string;
  /** Of the mistake, from 1. */
  readonly line: number;
  readonly parts: readonly string[];
}

function expectationsOf(file: string, text: string): readonly Expectation[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index): Expectation[] => {
    if (line.trim() !== directive) return [];
    const parts: string[] = [];
    let at = index + 1;
    for (; lines[at]?.trim().startsWith('//') === true; at++) {
      const part = lines[at]?.trim().slice(2).trim() ?? '';
      if (!part.startsWith('biome-ignore')) parts.push(part);
    }
    return [{ file, line: at + 1, parts }];
  });
}

const sources = new Map(
  [...mistakeFiles, 'contracts.ts'].map((name) => [
    name,
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  ]),
);
const expectations = mistakeFiles.flatMap((file) => expectationsOf(file, sources.get(file) ?? ''));

/** Messages by `file:line`, continuation lines joined. */
function messagesOf(output: string): ReadonlyMap<string, string> {
  const messages = new Map<string, string>();
  let at = '';
  for (const line of output.split('\n')) {
    const head = /^(?<file>[^(]+)\((?<line>\d+),\d+\): error TS\d+: (?<text>.*)$/.exec(
      line,
    )?.groups;
    if (head !== undefined) at = `${head['file']?.split('/').at(-1)}:${head['line']}`;
    const text = head?.['text'] ?? line.trim();
    if (at !== '') messages.set(at, `${messages.get(at) ?? ''} ${text}`.trim());
  }
  return messages;
}

describe('the compiler says to', () => {
  let messages: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const files = [...sources].map(([name, text]) => [name, text.replaceAll(directive, '//')]);
    const { output } = await compile(Object.fromEntries(files));
    messages = messagesOf(output);
  }, 60_000);

  test.each(expectations)('$file:$line', ({ file, line, parts }) => {
    const message = messages.get(`${file}:${line}`);
    expect(message, 'the compiler accepts it').toBeDefined();
    for (const part of parts) expect(message).toContain(part);
  });

  test('nothing else, and to many mistakes', () => {
    const expected = new Set(expectations.map(({ file, line }) => `${file}:${line}`));
    const others = [...messages.keys()].filter(
      (at) => sources.has(at.split(':')[0] ?? '') && !expected.has(at),
    );
    expect(others).toEqual([]);
    expect(expectations.every(({ parts }) => parts.length > 0)).toBe(true);
    expect(expectations.length).toBeGreaterThan(60);
  });
});
