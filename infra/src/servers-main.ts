// `npm run servers`: starts the real servers, prints what to export, stops them on Ctrl-C.
// Owns: the servers until this process ends. Standard output holds nothing but export lines, so
// that a shell can read it; everything else goes to standard error.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { obtainServers } from './servers/obtain-servers.ts';
import { environmentOf } from './servers/server-addresses.ts';

const usage = `usage: npm run servers
Starts Kafka, a schema registry and Jaeger, and prints the variables to export.
Servers that these variables name already are not started. Ctrl-C stops them.`;
const parentPollMs = 500;

/** Within npm, ends like Ctrl-C when the process that started us is gone, however it went. */
function watchParent(stop: AbortController): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop.abort(), parentPollMs).unref();
}

function readArguments(): 'start' | 'help' | TypeError {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    return values.help ? 'help' : 'start';
  } catch (error) {
    // An option that there is not; parseArgs says which.
    if (error instanceof TypeError) return error;
    throw error;
  }
}

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked !== 'start') {
    console.error(asked === 'help' ? usage : `${asked.message}\n${usage}`);
    return asked === 'help' ? 0 : 2;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stop.abort());
  watchParent(stop);
  const startedAt = performance.now();
  console.error('Starting the servers (the very first time this builds Jaeger, some minutes) ...');
  const servers = await obtainServers({ signal: stop.signal });
  try {
    for (const [name, value] of Object.entries(environmentOf(servers.addresses))) {
      console.log(`export ${name}=${value}`);
    }
    if (servers.jaegerMissing !== undefined) console.error(servers.jaegerMissing);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.error(`Ready after ${seconds} s. Ctrl-C stops them.`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
  } finally {
    await servers.stop();
  }
  console.error('Stopped.');
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isAbort = error instanceof Error && error.name === 'AbortError';
  console.error(isAbort ? 'Stopped.' : error instanceof Error ? error.message : error);
  process.exitCode = isAbort ? 130 : 1;
}
