import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@troupe/core';
import type { DemoOptions } from './arguments.ts';
import { keepAlive } from './keep-alive.ts';
import { blockProgress } from './output/block-progress.ts';
import { lineProgress } from './output/line-progress.ts';
import { noProgress, type Progress } from './output/progress.ts';
import { styleFor } from './output/style.ts';
import { summaryText } from './output/summary-text.ts';
import { runDemo } from './run-demo.ts';
import { openShopInOneProcess } from './shop/in-one-process.ts';
import type { Shop } from './shop/shop.ts';
import { isGood, summaryJson } from './summary.ts';

export interface DemoTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One run, as the command line asked for it. Resolves with the exit status. */
export async function demo(
  options: DemoOptions,
  { stdin, stdout, stderr, environment }: DemoTerminal,
  signal: AbortSignal,
): Promise<number> {
  const style = styleFor(stdout);
  const progress = progressFor(options, stdout);
  const letGo = keepAlive();
  const folder = await mkdtemp(join(tmpdir(), 'troupe-demo-'));
  let shop: Shop | undefined;
  let good = false;
  try {
    shop = await openShop();
    const summary = await runDemo({ options, shop, progress, clock: systemClock, signal });
    progress.end();
    good = isGood(summary);
    const { setting } = shop;
    if (options.json) stdout.write(`${summaryJson(summary)}\n`);
    else stdout.write(summaryText(summary, { setting, seed: options.seed, style }));
    if (options.json) for (const fault of summary.audit.faults.shown) stderr.write(`${fault}\n`);
    if (shop.jaeger?.isOurs && !options.json) await lookAtTraces();
    return good ? 0 : 1;
  } finally {
    progress.end();
    await shop?.stop();
    await shop?.close();
    const isEmpty = (await readdir(folder)).length === 0;
    if (good || signal.aborted || isEmpty) await rm(folder, { recursive: true, force: true });
    else stderr.write(`What the services left is in ${folder}\n`);
    letGo();
  }

  /** The demo's own Jaeger ends with it. */
  async function lookAtTraces(): Promise<void> {
    if (!stdin.isTTY || !stdout.isTTY) {
      stdout.write(
        `  ${style.faint(`This Jaeger ends now; that of 'npm run servers' stays.`)}\n\n`,
      );
      return;
    }
    stdout.write(`  ${style.strong('Press Enter to end Jaeger and the demo.')} `);
    // Ctrl-C is as good an answer.
    await once(stdin, 'data', { signal }).catch(() => undefined);
    stdin.pause();
  }

  async function openShop(): Promise<Shop> {
    if (!options.kafka) {
      progress.say('Opening the shop, in one process');
      return openShopInOneProcess(folder, silentLogger);
    }
    // Only now: it loads what starts servers.
    const { openShopOnKafka } = await import('./shop/on-kafka.ts');
    return openShopOnKafka({ folder, environment, progress, signal });
  }
}

function progressFor({ json }: DemoOptions, stdout: NodeJS.WriteStream): Progress {
  if (json) return noProgress;
  const write = (text: string) => stdout.write(text);
  return stdout.isTTY
    ? blockProgress({ write, columns: () => stdout.columns }, styleFor(stdout), systemClock)
    : lineProgress(write, systemClock);
}
