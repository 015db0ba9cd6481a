import type { Clock } from '@troupe/core';
import { figures, type Progress, type Snapshot } from './progress.ts';
import type { Style } from './style.ts';

const everyMs = 80;
const barWidthMax = 40;
/** Beside the bar: figures and margins. */
const besideBar = 32;
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
/** To the beginning of the line and `lines` up, then clears what is below. */
const back = (lines: number) => `\r${lines > 0 ? `\u001b[${lines}A` : ''}\u001b[J`;

export interface Terminal {
  readonly write: (text: string) => void;
  /** How wide it is now. */
  readonly columns: () => number;
}

/** One block that is written again and again in its place: for a terminal. */
export function blockProgress(terminal: Terminal, style: Style, clock: Clock): Progress {
  const { write, columns } = terminal;
  let shownLines = 0;
  let stop = (): void => undefined;
  let lines: () => readonly string[] = () => [];

  const draw = (): void => {
    const block = lines();
    write(`${back(shownLines)}${block.join('\n')}\n`);
    shownLines = block.length;
  };
  const repeat = (): void => {
    draw();
    stop = clock.after(everyMs, repeat);
  };
  const begin = (content: () => readonly string[]): void => {
    stop();
    if (shownLines === 0) write(hideCursor);
    lines = content;
    repeat();
  };
  return {
    say(phase) {
      const sinceMs = clock.monotonicMs();
      begin(() => {
        const seconds = Math.floor((clock.monotonicMs() - sinceMs) / 1_000);
        return ['', `  ${phase} ${style.faint(seconds > 0 ? `${seconds} s` : '')}`];
      });
    },
    show(snapshot) {
      begin(() => ['', ...orderLines(snapshot(), columns(), style)]);
    },
    end() {
      stop();
      if (shownLines > 0) write(`${back(shownLines)}${showCursor}`);
      shownLines = 0;
    },
  };
}

function orderLines(snapshot: Snapshot, columns: number, style: Style): string[] {
  // A line that wraps would count as two, and the block would climb up the screen.
  const barWidth = Math.max(0, Math.min(barWidthMax, columns - besideBar));
  const { ended, orders, perSecond, parts } = figures(snapshot);
  const full = Math.floor((ended / orders) * barWidth);
  const bar = `${style.good('█'.repeat(full))}${style.faint('░'.repeat(barWidth - full))}`;
  return [
    `  ${bar}  ${style.strong(`${ended} of ${orders}`)}  ${style.faint(`${perSecond}/s`)}`,
    `  ${style.faint(parts.join(' · '))}`,
  ];
}
