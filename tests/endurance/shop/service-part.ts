import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import type { Part } from './part.ts';

export interface ServicePartOptions {
  /** Of this part; several may run the same service. */
  readonly name: string;
  readonly kind: Part['kind'];
  /** As it calls itself in its log. */
  readonly service: string;
  /** The file that is run. */
  readonly main: string;
  /** Its log and its database go to a folder of its own in it, which it finds again. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** It ended, and nobody had asked for it, or it does not start at all. */
  readonly onFault: (fault: string) => void;
}

const watchEveryMs = 100;
const startsMax = 5;

/**
 * A service as a supervisor runs it: its process, over and over again. Owns the process that runs now. Whoever ends by
 * itself is started again, as in production, and told of.
 */
export class ServicePart implements Part {
  readonly name: string;
  readonly kind: Part['kind'];
  readonly #options: ServicePartOptions;
  #process: ServerProcess;
  /** Its end is wanted, or it is on its way back. */
  #isDown = false;
  readonly #watch: NodeJS.Timeout;

  private constructor(options: ServicePartOptions, first: ServerProcess) {
    this.name = options.name;
    this.kind = options.kind;
    this.#options = options;
    this.#process = first;
    this.#watch = setInterval(() => this.#look(), watchEveryMs);
  }

  static async start(options: ServicePartOptions): Promise<ServicePart> {
    await mkdir(join(options.folder, options.name));
    return new ServicePart(options, await launchPatiently(options));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The last number after `words port` in its log. */
  async port(words: string): Promise<number> {
    const log = await readFile(this.#process.logFile, 'utf8');
    const ports = [...log.matchAll(new RegExp(`${words} port (\\d+)`, 'g'))];
    const port = ports.at(-1)?.[1];
    if (port === undefined) throw new Error(`${this.name} does not say '${words} port'`);
    return Number(port);
  }

  async kill(): Promise<void> {
    this.#isDown = true;
    await this.#process.kill();
  }

  async pause(): Promise<void> {
    this.#process.pause();
  }

  async resume(): Promise<void> {
    this.#process.resume();
  }

  async restart(): Promise<void> {
    this.#isDown = true;
    this.#process = await launchPatiently(this.#options);
    this.#isDown = false;
  }

  async stop(): Promise<void> {
    this.#isDown = true;
    clearInterval(this.#watch);
    await this.#process.stop();
  }

  #look(): void {
    if (this.#isDown || !this.#process.hasEnded()) return;
    this.#options.onFault(`${this.name} ended by itself: see ${this.#process.logFile}`);
    // What it cannot do is told of by then.
    this.restart().catch(() => clearInterval(this.#watch));
  }
}

/** On a machine that is busy a server that it needs may not have answered in time: then it is started again. */
async function launchPatiently(options: ServicePartOptions): Promise<ServerProcess> {
  const { name, signal, say, onFault } = options;
  for (let start = 1; ; start += 1) {
    try {
      return await launch(options);
    } catch (error) {
      signal.throwIfAborted();
      say(`${name} did not start, and is started again: ${String(error)}`);
      if (start < startsMax) continue;
      onFault(`${name} did not start, ${start} times`);
      throw error;
    }
  }
}

function launch({ name, service, main, folder, environment, signal }: ServicePartOptions) {
  const own = join(folder, name);
  return startServerProcess({
    name,
    command: process.execPath,
    args: [main],
    env: { HOST: '127.0.0.1', HEALTH_PORT: '0', HTTP_PORT: '0', DATA_DIR: own, ...environment },
    folder: own,
    removedAfterCrash: folder,
    isReady: (log) => log.includes(`${service} takes part`),
    signal,
  });
}
