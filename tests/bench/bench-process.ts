import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export type BenchAnswer<Result> = { readonly result: Result } | { readonly error: string };

/**
 * A process of its own for what is measured, so that neither heap nor machine code nor a changed client of something else
 * is in it. It does one request after the other and lives as long as it is used: what the engine has learned is kept.
 * Its script calls `answerRequests`.
 */
export class BenchProcess<Request, Result> {
  readonly #what: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(what: string, script: string, args: readonly string[], nodeArgs: string[] = []) {
    this.#what = what;
    // Its output belongs to nobody but people; standard output is the report's.
    this.#child = fork(script, args, {
      stdio: ['ignore', 2, 2, 'ipc'],
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...nodeArgs],
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Rejects when the request failed, or with the signal's reason. */
  async run(request: Request, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const answered = once(this.#child, 'message', { signal });
    this.#child.send(Object(request));
    const gone = this.#exited.then(() => {
      throw new Error(`The process of ${this.#what} ended before it answered.`);
    });
    // `once` gives the arguments of the event; only our own script sends on this channel.
    const [answer] = (await Promise.race([answered, gone])) as [BenchAnswer<Result>];
    if ('result' in answer) return answer.result;
    throw new Error(`${this.#what}: ${answer.error}`);
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

/** For the script of a `BenchProcess`. It ends when its parent does. */
export function answerRequests<Request, Result>(run: (request: Request) => Promise<Result>): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', async (request: Request) => {
    let answer: BenchAnswer<Result>;
    try {
      answer = { result: await run(request) };
    } catch (error) {
      answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(answer);
  });
}
