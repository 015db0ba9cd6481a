import { type Program, Visitor } from 'oxc-parser';
import { type Rule, type SourceFile, violation } from '../source-file.ts';

// Time, timers, randomness and the environment come in through one door each, so that everything
// behind it can be run with a fake one. infra/ and tests/ are outside; so is packages/testing,
// whose contract suites wait for real servers.

const clockFile = 'packages/core/src/ports/system-clock.ts';
const randomFile = 'packages/core/src/ports/random.ts';

export function isProduct(file: SourceFile): boolean {
  const isInside =
    /^(packages|services)\//.test(file.path) && file.workspace !== 'packages/testing';
  return isInside && !file.isTest;
}

interface Use {
  /** As in the source: `Date.now`, `setTimeout`, `new Date()`. */
  readonly name: string;
  readonly offset: number;
}

/** Every global function, static member and argument-less `new Date()` that a file uses. */
function usesIn(program: Program): Use[] {
  const uses: Use[] = [];
  new Visitor({
    CallExpression: ({ callee }) => {
      if (callee.type === 'Identifier') uses.push({ name: callee.name, offset: callee.start });
    },
    NewExpression: ({ callee, arguments: given, start }) => {
      const isNow = callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0;
      if (isNow) uses.push({ name: 'new Date()', offset: start });
    },
    MemberExpression: ({ object, property, start }) => {
      if (object.type !== 'Identifier') return;
      const member = property.type === 'Identifier' ? property.name : undefined;
      const key = property.type === 'Literal' ? String(property.value) : member;
      if (key !== undefined) uses.push({ name: `${object.name}.${key}`, offset: start });
    },
  }).visit(program);
  return uses;
}

function eachUse(
  file: SourceFile,
  names: readonly string[],
  modules: readonly string[],
  rule: string,
) {
  const used = usesIn(file.program)
    .filter(({ name }) => names.includes(name))
    .map(({ name, offset }) => violation(file, file.lineOf(offset), `${name}: ${rule}`));
  const imported = file.imports
    .filter(({ specifier }) => modules.includes(specifier))
    .map(({ specifier, line }) => violation(file, line, `'${specifier}': ${rule}`));
  return [...used, ...imported];
}

export const environmentIsReadAtTheStart: Rule = (file) => {
  if (!isProduct(file) || /\/(main|config)\.ts$/.test(file.path)) return [];
  return eachUse(file, ['process.env'], [], 'only main.ts and config.ts read the environment');
};

export const timeComesFromTheClock: Rule = (file) => {
  if (!isProduct(file) || file.path === clockFile) return [];
  const names = [
    'Date.now',
    'Date',
    'new Date()',
    'performance.now',
    'process.hrtime',
    'setTimeout',
    'setInterval',
    'AbortSignal.timeout',
  ];
  const modules = ['node:timers', 'node:timers/promises'];
  return eachUse(file, names, modules, `only ${clockFile} reads time or sets timers`);
};

export const randomnessComesFromOneFile: Rule = (file) => {
  if (!isProduct(file) || file.path === randomFile) return [];
  const names = [
    'Math.random',
    'randomUUID',
    'randomBytes',
    'randomInt',
    'crypto.randomUUID',
    'crypto.randomBytes',
    'crypto.getRandomValues',
  ];
  return eachUse(file, names, [], `only ${randomFile} makes random values`);
};
