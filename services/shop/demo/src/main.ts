import { TroupeError } from '@troupe/core';
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
    if (interrupted.signal.aborted) return statuses.interrupted;
    process.stderr.write(`${described(error)}\n`);
    return statuses.failed;
  }
}

/** What Troupe says is meant for people; the rest shows where it came from. */
function described(error: unknown): string {
  if (error instanceof TroupeError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main();
