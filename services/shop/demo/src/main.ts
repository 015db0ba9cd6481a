import { AssertionError } from 'node:assert/strict';
import { parseArguments, usage } from './arguments.ts';

const statuses = { failed: 1, usage: 2, interrupted: 130 };

async function main(): Promise<number> {
  const given = parseArguments(process.argv.slice(2));
  if (given.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (given.kind === 'fault') {
    process.stderr.write(`${given.message}\n\n${usage}`);
    return statuses.usage;
  }
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort());
  }
  const { stdin, stdout, stderr, env: environment } = process;
  try {
    // Only now: it loads the whole shop, which nobody needs to be told of a misspelt option.
    const { demo } = await import('./demo.ts');
    return await demo(given.options, { stdin, stdout, stderr, environment }, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stderr.write('Stopped.\n');
      return statuses.interrupted;
    }
    process.stderr.write(`${described(error)}\n`);
    return statuses.failed;
  }
}

/** A fault of the demo itself shows where it is; what went wrong around it is said in one sentence. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOwnFault = [TypeError, RangeError, ReferenceError, AssertionError].some(
    (kind) => error instanceof kind,
  );
  return isOwnFault ? (error.stack ?? error.message) : error.message;
}

process.exitCode = await main();
