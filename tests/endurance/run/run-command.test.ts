import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../options/endurance-options.ts';
import type { Verdict } from './endurance-run.ts';
import { type Command, runCommand } from './run-command.ts';

let printed: string[];
let said: string[];
let folder: string;

beforeEach(() => {
  printed = [];
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text) => said.push(String(text)));
});

const orders = {
  placed: 1,
  acknowledged: 1,
  completed: 1,
  compensated: 0,
  timedOut: 0,
  stuck: 0,
  open: 0,
};
const log = {
  records: 1,
  sagas: 1,
  outcomes: 1,
  compensations: 0,
  repeatedOutcomes: 0,
  findings: [],
};

function commandThatFinds(findings: readonly string[], json = false): Command<Verdict> {
  return {
    usage: 'usage: npm run something',
    parse: () => ({
      json,
      run: async (surroundings) => {
        folder = surroundings.folder;
        surroundings.say('it begins');
        return { orders, tours: { planned: 1, acknowledged: 1 }, log, findings };
      },
      text: ({ findings: found }) => `${found.length} findings`,
    }),
  };
}

describe('runCommand', () => {
  test('a run that finds nothing leaves nothing behind', async () => {
    expect(await runCommand(commandThatFinds([]))).toBe(0);
    expect(printed).toEqual(['0 findings']);
    expect(said).toEqual([expect.stringMatching(/^ +0 s {2}it begins$/)]);
    expect(existsSync(folder)).toBe(false);
  });

  test('a run that finds something fails, and says where its traces are', async () => {
    expect(await runCommand(commandThatFinds(['order-1 is lost']))).toBe(1);
    expect(said.at(-1)).toBe(`Findings, logs and databases are in ${folder}`);
    expect(readFileSync(join(folder, 'findings.txt'), 'utf8')).toBe('order-1 is lost');
    rmSync(folder, { recursive: true });
  });

  test('with --json standard output holds one object', async () => {
    await runCommand(commandThatFinds([], true));
    expect(JSON.parse(printed.join(''))).toMatchObject({ orders, findings: [] });
  });

  test('who is asked for help, or wrongly, runs nothing', async () => {
    const command = commandThatFinds([]);
    expect(await runCommand({ ...command, parse: () => 'help' })).toBe(0);
    const parse = () => {
      throw new UsageError('--faults: too many');
    };
    expect(await runCommand({ ...command, parse })).toBe(2);
    expect(said).toEqual(['usage: npm run something', '--faults: too many']);
    expect(printed).toEqual([]);
  });
});
