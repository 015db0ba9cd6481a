// Runs a command of this workspace with everything it needs in place:
//
//   node infra/setup.mjs node services/shop/demo/src/main.ts --orders 10
//
// Owns: installing node_modules when it is missing or differs from package-lock.json, and choosing
// the pinned Node. Does not own: the servers, which the command itself starts.
//
// 1. Plain JavaScript without dependencies: it runs before `npm ci`, under any Node from 18 on.
// 2. Up to date costs one hash of package-lock.json. A folder that `npm install` has already
//    brought in step is recognised and left alone: others may be running from it.
// 3. Standard output belongs to the command. What is said here goes to standard error.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './process-lock.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const hashFile = join(modules, '.troupe-lock-hash');
const installLock = join(root, '.tmp', 'installing.lock');
const isWindows = process.platform === 'win32';
const pinnedNode = join(modules, 'node', 'bin', isWindows ? 'node.exe' : 'node');

const silentMs = 2_000;
const starterPollMs = 500;

class SetupError extends Error {}

function say(line) {
  process.stderr.write(`troupe: ${line}\n`);
}

function readTextIfAny(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(error.code)) return undefined;
    throw error;
  }
}

/** What npm itself recorded as installed holds every package of the lock file, at its version. */
function isInStepWithLock(lockText) {
  const recorded = readTextIfAny(join(modules, '.package-lock.json'));
  if (recorded === undefined) return false;
  const installed = JSON.parse(recorded).packages ?? {};
  return Object.entries(JSON.parse(lockText).packages ?? {}).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true || wanted.peer === true;
    return found.version === wanted.version && Boolean(found.link) === Boolean(wanted.link);
  });
}

function lockState() {
  const text = readTextIfAny(join(root, 'package-lock.json'));
  if (text === undefined) throw new SetupError(`package-lock.json is missing in ${root}.`);
  const hash = createHash('sha256').update(text).digest('hex');
  return { hash, text, isUpToDate: readTextIfAny(hashFile) === hash };
}

/** The npm that runs us, where one does: the same version, and no shell or PATH is needed. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && existsSync(script)) {
    // The Node that runs npm must not be the one inside the node_modules that `npm ci` replaces.
    const node = process.env.npm_node_execpath ?? process.execPath;
    return { file: node.startsWith(modules) ? 'node' : node, args: [script], shell: false };
  }
  return { file: 'npm', args: [], shell: isWindows };
}

/** An environment as outside `npm run`: no node_modules/.bin on PATH, no leftovers of the run. */
function environmentForNpm() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^npm_(package|lifecycle)_/.test(name)) delete env[name];
  }
  const path = env.PATH ?? '';
  env.PATH = path
    .split(delimiter)
    .filter((entry) => !entry.startsWith(modules))
    .join(delimiter);
  return env;
}

async function install() {
  const npm = npmCommand();
  const args = [...npm.args, 'ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const output = [];
  const notice = setTimeout(
    () => say('installing dependencies (once, about half a minute)'),
    silentMs,
  );
  const status = await new Promise((settle, fail) => {
    const child = spawn(npm.file, args, {
      cwd: root,
      env: environmentForNpm(),
      shell: npm.shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (bytes) => output.push(bytes));
    child.stderr.on('data', (bytes) => output.push(bytes));
    child.once('error', fail);
    child.once('close', (code, signal) => settle(code ?? signal));
  }).finally(() => clearTimeout(notice));
  if (status !== 0) {
    process.stderr.write(Buffer.concat(output));
    throw new SetupError(`'npm ci' failed (${status}); its output is above.`);
  }
}

async function ensureInstalled() {
  if (lockState().isUpToDate) return;
  await withLock(installLock, async () => {
    const lock = lockState();
    if (lock.isUpToDate) return;
    if (!isInStepWithLock(lock.text)) await install();
    writeFileSync(hashFile, lock.hash);
  });
}

function nodeToUse() {
  if (existsSync(pinnedNode)) return pinnedNode;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new SetupError(
    `Node 24 is not installed in ${dirname(pinnedNode)}: npm did not run that package's install ` +
      `script. Run 'npm rebuild node --ignore-scripts=false', or use Node 24 or newer yourself.`,
  );
}

/** The parent of a process where that can be read (Linux); npm runs us through a shell. */
function parentOf(pid) {
  const stat = readTextIfAny(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
}

/** When npm is killed outright nobody waits for the command any more: it is ended too. */
function endWithNpm(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const starters = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const atStart = starters();
  const watch = setInterval(() => starters() === atStart || end(), starterPollMs);
  watch.unref();
}

function runCommand(command, args) {
  const node = nodeToUse();
  const isNode = command === 'node';
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(isNode ? node : command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
    shell: isWindows && !isNode,
  });
  // A terminal sends Ctrl-C to the whole group: the command has it already.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithNpm(() => child.kill('SIGTERM'));
  child.once('error', (error) => {
    say(`cannot run '${command}': ${error.message}`);
    process.exitCode = 127;
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === undefined)
    throw new SetupError('usage: node infra/setup.mjs COMMAND [ARGUMENT...]');
  await ensureInstalled();
  runCommand(command, args);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
