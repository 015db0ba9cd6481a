import { type Rule, violation } from '../source-file.ts';

const linesMax = 300;
/** Files that may be longer, each with the reason beside it. */
const mayBeLonger: readonly string[] = [];

const emptyNames = /(^|\/)(utils?|helpers?|types?|commons?|shared)(\/|\.)/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/;

export const filesAreShort: Rule = (file) => {
  const lines = file.text.split('\n').length - 1;
  if (lines <= linesMax || mayBeLonger.includes(file.path)) return [];
  return [violation(file, linesMax + 1, `${lines} lines; a file has at most ${linesMax}`)];
};

export const namesSaySomething: Rule = (file) => {
  const name = file.path.split('/').at(-1) ?? '';
  if (emptyNames.test(file.path)) {
    return [violation(file, 1, 'no file or folder is named utils, helpers, types, common, shared')];
  }
  return kebabCase.test(name) ? [] : [violation(file, 1, 'file names are kebab-case')];
};

export const indexOnlyReexports: Rule = (file) => {
  if (!file.path.endsWith('/index.ts')) return [];
  return file.program.body
    .filter((statement) => {
      if (statement.type === 'ExportAllDeclaration') return false;
      return statement.type !== 'ExportNamedDeclaration' || statement.source === null;
    })
    .map(({ start }) => violation(file, file.lineOf(start), 'index.ts only re-exports'));
};

export const noDefaultExports: Rule = (file) => {
  if (file.path.endsWith('.config.ts')) return [];
  return file.program.body
    .filter(({ type }) => type === 'ExportDefaultDeclaration')
    .map(({ start }) => violation(file, file.lineOf(start), 'no default exports'));
};
