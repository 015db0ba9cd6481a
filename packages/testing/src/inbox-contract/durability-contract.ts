import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { InboxRow } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { type FixtureHolder, type InboxFeatures, recordEffect, rowOf } from './inbox-fixture.ts';

/** What is left after the process ended, asked or not. */
export function durabilityContract<Tx>(features: InboxFeatures, holder: FixtureHolder<Tx>): void {
  const record = (effectId: string, row?: InboxRow) => recordEffect(holder.get(), effectId, row);

  describe.skipIf(!features.durable)('durability', () => {
    it('has its rows and effects after it was opened again', async () => {
      await record('a', rowOf('rejected', 5));
      holder.replace(await holder.get().reopen());
      expect(await holder.get().inbox.find('a')).toEqual(rowOf('rejected', 5));
      expect(holder.get().effects()).toEqual(['a']);
    });

    it('has done nothing by half, and lost nothing acknowledged, when the process is killed', async () => {
      const { recorder } = holder.get();
      if (recorder === undefined) throw new Error('a durable inbox needs a recorder');
      const acknowledged: string[] = [];
      await killAfterLines(recorder.file, recorder.args, acknowledged, 300);
      holder.replace(await holder.get().reopen());
      const effects = holder.get().effects();
      const rows = await Promise.all(effects.map((effectId) => holder.get().inbox.find(effectId)));
      expect(effects.length).toBeGreaterThanOrEqual(300);
      expect(rows.filter((row) => row === undefined)).toEqual([]);
      expect(new Set(effects).size).toBe(effects.length);
      expect(acknowledged.filter((effectId) => !effects.includes(effectId))).toEqual([]);
      // Rows without an effect would show here: every id up to the last one has both.
      expect(await holder.get().inbox.prune(Number.MAX_SAFE_INTEGER)).toBe(effects.length);
    });
  });
}

/** Starts a program, kills it without warning once it printed `linesMin` lines, and waits for its end. */
async function killAfterLines(
  file: string,
  args: readonly string[],
  lines: string[],
  linesMin: number,
): Promise<void> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === linesMin) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
}
