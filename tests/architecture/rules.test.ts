import { describe, expect, it } from 'vitest';
import { circlesOf } from './rules/circles.ts';
import {
  filesAreShort,
  indexOnlyReexports,
  namesSaySomething,
  noDefaultExports,
} from './rules/files.ts';
import {
  adaptersImportOnlyCore,
  auditorStandsAlone,
  coreLayers,
  coreStandsAlone,
  relativeImportsStayInside,
  servicesImportPackages,
} from './rules/imports.ts';
import {
  environmentIsReadAtTheStart,
  randomnessComesFromOneFile,
  timeComesFromTheClock,
} from './rules/surroundings.ts';
import { headerNamesLiveInOneFile } from './rules/wire.ts';
import { describeViolation, parseSourceFile, type Rule, readSourceFiles } from './source-file.ts';

function check(rule: Rule, path: string, text: string): string[] {
  return rule(parseSourceFile(path, text)).map(describeViolation);
}

/** Rule, its name, sources that break it, sources that keep it. Each source: path and text. */
type Source = readonly [path: string, text: string];
interface RuleCase {
  readonly rule: Rule;
  readonly breaks: readonly Source[];
  readonly keeps: readonly Source[];
}

const project = readSourceFiles();
const core = 'packages/core/src';
const cases: Record<string, RuleCase> = {
  coreStandsAlone: {
    rule: coreStandsAlone,
    breaks: [
      [`${core}/events/a.ts`, "import { Kafka } from 'kafkajs';"],
      [`${core}/events/a.ts`, "export * from '@troupe/sqlite';"],
      [`${core}/events/a.ts`, "const lazily = await import('avsc');"],
      [`${core}/events/a.ts`, "export type K = import('kafkajs').Kafka;"],
    ],
    keeps: [
      [`${core}/events/a.ts`, "import { x } from './b.ts'; import 'node:assert';"],
      [`${core}/tracing/a.ts`, "import { trace } from '@opentelemetry/api';"],
      [`${core}/events/a.ts`, "// import { Kafka } from 'kafkajs';"],
      [`${core}/events/a.test.ts`, "import { it } from 'vitest';"],
    ],
  },
  adaptersImportOnlyCore: {
    rule: adaptersImportOnlyCore,
    breaks: [
      ['packages/sqlite/src/a.ts', "import { x } from '@troupe/telemetry';"],
      ['packages/core/src/a.ts', "import { x } from '@shop/contracts';"],
      ['packages/testing/src/a.ts', "import { x } from '@troupe/sqlite';"],
    ],
    keeps: [
      ['packages/sqlite/src/a.ts', "import { x } from '@troupe/core/memory';"],
      ['packages/sqlite/src/a.test.ts', "import { x } from '@troupe/testing';"],
      ['packages/testing/src/a.ts', "import { x } from '@troupe/coordinator';"],
    ],
  },
  servicesImportPackages: {
    rule: servicesImportPackages,
    breaks: [
      ['services/shop/order/src/a.ts', "import { x } from '@shop/payment';"],
      ['services/coordinator/src/a.ts', "import { x } from '@shop/order';"],
      ['services/shop/order/src/a.ts', "import { x } from '@troupe/infra';"],
    ],
    keeps: [
      ['services/shop/order/src/a.ts', "import { x } from '@shop/contracts';"],
      ['services/shop/order/src/a.ts', "import { x } from '@troupe/sqlite';"],
      ['services/shop/demo/src/a.ts', "import { x } from '@shop/payment';"],
    ],
  },
  relativeImportsStayInside: {
    rule: relativeImportsStayInside,
    breaks: [
      ['packages/sqlite/src/a.ts', "import { x } from '../../core/src/index.ts';"],
      ['services/shop/order/src/a.ts', "import { x } from '../../payment/src/b.ts';"],
    ],
    keeps: [['packages/sqlite/src/rows/a.ts', "import { x } from '../b.ts';"]],
  },
  coreLayers: {
    rule: coreLayers,
    breaks: [
      [`${core}/events/a.ts`, "import { x } from '../sagas/b.ts';"],
      [`${core}/sagas/rules/a.ts`, "import type { x } from '../../participant/b.ts';"],
      [`${core}/sagas/graph/a.ts`, "import { x } from '../../wire/b.ts';"],
    ],
    keeps: [
      [`${core}/participant/a.ts`, "import { x } from '../sagas/b.ts';"],
      [`${core}/sagas/a.ts`, "import { x } from '../ports/clock.ts';"],
    ],
  },
  auditorStandsAlone: {
    rule: auditorStandsAlone,
    breaks: [
      ['tests/auditor/checks/a.ts', "import { evolve } from '@troupe/core/internal';"],
      ['tests/auditor/a.ts', "import type { x } from '@shop/contracts';"],
      ['tests/auditor/a.ts', "import { x } from '../e2e/raw-log.ts';"],
      ['tests/auditor/a.ts', "import { test } from 'vitest';"],
    ],
    keeps: [
      ['tests/auditor/checks/a.ts', "import { x } from '../log/b.ts'; import 'node:crypto';"],
      ['tests/auditor/log/a.ts', "import { Kafka } from 'kafkajs'; import { Type } from 'avsc';"],
      ['tests/auditor/a.test.ts', "import { test } from 'vitest';"],
      ['tests/endurance/a.ts', "import { x } from '@troupe/core';"],
    ],
  },
  environmentIsReadAtTheStart: {
    rule: environmentIsReadAtTheStart,
    breaks: [
      [`${core}/a.ts`, 'export const url = process.env.URL;'],
      ['services/coordinator/src/a.ts', "export const env = process['env'];"],
    ],
    keeps: [
      ['services/coordinator/src/main.ts', 'start(process.env);'],
      ['infra/src/a.ts', 'start(process.env);'],
      [`${core}/a.ts`, "export const text = 'process.env';"],
    ],
  },
  timeComesFromTheClock: {
    rule: timeComesFromTheClock,
    breaks: [
      [`${core}/a.ts`, 'export const now = Date.now();'],
      [`${core}/a.ts`, 'export const now = () => new Date();'],
      [`${core}/a.ts`, 'export const clock = { now: Date.now };'],
      [`${core}/a.ts`, 'setTimeout(run, 10);'],
      [`${core}/a.ts`, "import { setTimeout as sleep } from 'node:timers/promises';"],
      [`${core}/a.ts`, 'call(AbortSignal.timeout(10));'],
    ],
    keeps: [
      [`${core}/a.ts`, 'export const day = new Date(0);'],
      [`${core}/a.ts`, '// Date.now() is not for us\nclock.setTimeout(1);'],
      [`${core}/ports/system-clock.ts`, 'export const now = Date.now();'],
      [`${core}/a.test.ts`, 'setTimeout(run, 10);'],
    ],
  },
  randomnessComesFromOneFile: {
    rule: randomnessComesFromOneFile,
    breaks: [
      [`${core}/a.ts`, 'export const id = randomUUID();'],
      [`${core}/a.ts`, 'export const id = crypto.randomUUID();'],
      ['services/shop/order/src/a.ts', 'export const dice = Math.random();'],
    ],
    keeps: [[`${core}/ports/random.ts`, 'export const id = randomUUID();']],
  },
  headerNamesLiveInOneFile: {
    rule: headerNamesLiveInOneFile,
    breaks: [
      [`${core}/a.ts`, "export const id = headers['ce_id'];"],
      [`${core}/a.ts`, 'export const id = headers.ce_id;'],
      [`${core}/a.ts`, "export const headers = { 'ce_saga': saga };"],
      [`${core}/a.ts`, 'export const headers = { ce_saga: saga };'],
      [`${core}/a.ts`, `export const name = (word: string) => \`ce_\${word}\`;`],
      [`${core}/a.ts`, "export type Name = 'ce_type';"],
      [`${core}/wire/a.ts`, "export const own = ['traceparent'];"],
      [`${core}/wire/a.ts`, 'export const own = [`baggage`];'],
      ['services/shop/order/src/a.ts', "export const code = 'troupe_dead_letter_code';"],
    ],
    keeps: [
      [`${core}/a.ts`, 'export const id = headers[headerNames.id]; // ce_id'],
      [`${core}/a.ts`, "export const text = 'header ce_id is missing';"],
      [`${core}/a.ts`, "import { trace as baggage } from './b.ts';\nbaggage.traceparent();"],
      [`${core}/a.ts`, "export const http = { 'content-type': 'application/json' };"],
      [`${core}/wire/header-names.ts`, "export const headerNames = { id: 'ce_id' };"],
      [`${core}/a.test.ts`, "expect(headers['ce_id']).toBe('1');"],
    ],
  },
  filesAreShort: {
    rule: filesAreShort,
    breaks: [[`${core}/a.ts`, '\n'.repeat(301)]],
    keeps: [[`${core}/a.ts`, '\n'.repeat(300)]],
  },
  namesSaySomething: {
    rule: namesSaySomething,
    breaks: [
      [`${core}/utils/a.ts`, ''],
      [`${core}/events/types.ts`, ''],
      [`${core}/events/EventKey.ts`, ''],
    ],
    keeps: [
      [`${core}/events/field-types.ts`, ''],
      [`${core}/events/event-key.type-test.ts`, ''],
    ],
  },
  indexOnlyReexports: {
    rule: indexOnlyReexports,
    breaks: [
      [`${core}/index.ts`, 'export const version = 1;'],
      [`${core}/index.ts`, "import './x.ts';"],
    ],
    keeps: [[`${core}/index.ts`, "export { x } from './x.ts';\nexport type * from './y.ts';"]],
  },
  noDefaultExports: {
    rule: noDefaultExports,
    breaks: [[`${core}/a.ts`, 'export default 3;']],
    keeps: [['tests/vitest.config.ts', 'export default {};']],
  },
};

describe.each(Object.entries(cases))('%s', (name, { rule, breaks, keeps }) => {
  it.each(breaks)('refuses %s: %s', (path, text) => {
    const found = check(rule, path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${path}:\\d+ .{10}`));
  });

  it.each(keeps)('accepts %s: %s', (path, text) => {
    expect(check(rule, path, text)).toEqual([]);
  });

  it(`holds in the whole project (${name})`, () => {
    expect(project.length).toBeGreaterThan(50);
    expect(project.flatMap((file) => rule(file).map(describeViolation))).toEqual([]);
  });
});

describe('circlesOf', () => {
  const file = (path: string, ...imported: string[]) =>
    parseSourceFile(path, imported.map((one) => `import type { x } from '${one}';`).join('\n'));

  it('finds files that import each other, over others too, and themselves', () => {
    const files = [
      file('a/a.ts', './b.ts', './d.ts'),
      file('a/b.ts', '../c/c.ts'),
      file('c/c.ts', '../a/b.ts', './c.ts'),
      file('a/d.ts', './b.ts', 'node:path', '@troupe/core'),
    ];
    expect(circlesOf(files)).toEqual([['a/b.ts', 'c/c.ts'], ['c/c.ts']]);
  });

  it('finds none in what packages and services are made of', () => {
    const sources = project.filter(
      ({ path, isTest }) => !isTest && /^(packages|services)\//.test(path),
    );
    expect(sources.length).toBeGreaterThan(100);
    expect(circlesOf(sources).map((circle) => circle.join(' -> '))).toEqual([]);
  });
});
