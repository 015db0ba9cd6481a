import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const sources = ['setup.mjs', 'process-lock.mjs'];

/** A workspace of its own, and in place of npm a script that writes down that it was called. */
let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'troupe-setup-'));
  mkdirSync(join(workspace, 'infra'));
  for (const name of sources)
    cpSync(join(import.meta.dirname, name), join(workspace, 'infra', name));
  writeLock('1.0.0');
  writeNpm(`
    mkdirSync('node_modules/node/bin', { recursive: true });
    symlinkSync(process.execPath, 'node_modules/node/bin/node');
  `);
});

afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function writeLock(version: string): void {
  const packages = {
    '': {},
    'node_modules/left': { version },
    'node_modules/maybe': { version, optional: true },
  };
  writeFileSync(join(workspace, 'package-lock.json'), JSON.stringify({ packages }));
}

function writeNpm(body: string): void {
  const text = `
    const { appendFileSync, mkdirSync, symlinkSync, rmSync } = require('node:fs');
    appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
    rmSync('node_modules', { recursive: true, force: true });
    ${body}
  `;
  writeFileSync(join(workspace, 'npm.js'), text);
}

function writeInstalled(version: string): void {
  mkdirSync(join(workspace, 'node_modules', 'node', 'bin'), { recursive: true });
  symlinkSync(process.execPath, join(workspace, 'node_modules', 'node', 'bin', 'node'));
  const packages = { 'node_modules/left': { version } };
  writeFileSync(
    join(workspace, 'node_modules', '.package-lock.json'),
    JSON.stringify({ packages }),
  );
}

function runSetup(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(workspace, 'infra', 'setup.mjs'), ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      npm_execpath: join(workspace, 'npm.js'),
      npm_node_execpath: process.execPath,
    },
  });
}

function npmCalls(): string[] {
  const file = join(workspace, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

const printThree = ['node', '-e', 'console.log(3)'];

describe('setup', () => {
  it('installs once, then runs the command without npm', () => {
    expect(runSetup(...printThree)).toMatchObject({ status: 0, stdout: '3\n' });
    expect(runSetup(...printThree)).toMatchObject({ status: 0, stdout: '3\n' });
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci --include=dev/)]);
  });

  it('installs again when package-lock.json changed', () => {
    runSetup(...printThree);
    writeLock('2.0.0');
    runSetup(...printThree);
    expect(npmCalls()).toHaveLength(2);
  });

  it('leaves a folder alone that npm install has brought in step', () => {
    writeInstalled('1.0.0');
    expect(runSetup(...printThree)).toMatchObject({ status: 0, stdout: '3\n' });
    expect(npmCalls()).toEqual([]);
  });

  it('installs when one package has another version than the lock file', () => {
    writeInstalled('0.9.0');
    runSetup(...printThree);
    expect(npmCalls()).toHaveLength(1);
  });

  it('takes over the lock of a set-up that was killed', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(workspace, '.tmp'));
    writeFileSync(join(workspace, '.tmp', 'installing.lock'), String(gone));
    expect(runSetup(...printThree)).toMatchObject({ status: 0 });
    expect(readdirSync(join(workspace, '.tmp'))).toEqual([]);
  });

  it('shows what npm said when the installation fails, and runs nothing', () => {
    writeNpm(`console.log('no such registry'); process.exit(7);`);
    const run = runSetup(...printThree);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toContain('no such registry');
    expect(run.stderr).toContain(`'npm ci' failed (7)`);
  });

  it('passes the exit status of the command on', () => {
    expect(runSetup('node', '-e', 'process.exit(42)').status).toBe(42);
    expect(runSetup('node', '-e', 'process.kill(process.pid, "SIGTERM")').status).toBe(143);
  });

  it('says how it is used when no command is given', () => {
    expect(runSetup()).toMatchObject({ status: 1, stderr: expect.stringContaining('usage:') });
  });
});
