import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SideName } from '../bench-options.ts';
import type { SideRunRequest, SideRunResult } from './side-run.ts';

const script = fileURLToPath(new URL('./side-process-main.ts', import.meta.url));

type Answer = { readonly result: SideRunResult } | { readonly error: unknown };

/**
 * A process of its own for one side, so that neither heap nor machine code nor a changed client of one side is the
 * other's. It lives as long as the benchmark: what the engine has learned is kept from run to run.
 */
export class SideProcess {
  readonly #side: SideName;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(side: SideName) {
    this.#side = side;
    // Its output belongs to nobody but people; standard output is the report's.
    this.#child = fork(script, [side], {
      stdio: ['ignore', 2, 2, 'ipc'],
      serialization: 'advanced',
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Rejects when the side failed, or with the signal's reason. */
  async run(request: SideRunRequest, signal: AbortSignal): Promise<SideRunResult> {
    signal.throwIfAborted();
    const answered = once(this.#child, 'message', { signal });
    this.#child.send(request);
    const gone = this.#exited.then(() => {
      throw new Error(`The process of side ${this.#side} ended before it answered.`);
    });
    // `once` gives the arguments of the event; only our own script sends on this channel.
    const [answer] = (await Promise.race([answered, gone])) as [Answer];
    if ('result' in answer) return answer.result;
    throw new Error(`side ${this.#side}: ${String(answer.error)}`);
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}
