import type { Clock } from '@troupe/core';
import { figures, type Progress, type Snapshot } from './progress.ts';

const everyMs = 2_000;

/** Plain lines, one now and then: for logs and pipes. */
export function lineProgress(write: (text: string) => void, clock: Clock): Progress {
  let stop = (): void => undefined;
  const repeat = (snapshot: () => Snapshot): void => {
    stop = clock.after(everyMs, () => {
      const { ended, orders, parts } = figures(snapshot());
      write(`${ended} of ${orders}: ${parts.join(', ')}\n`);
      repeat(snapshot);
    });
  };
  return {
    say: (phase) => write(`${phase}\n`),
    show: repeat,
    end: () => stop(),
  };
}
