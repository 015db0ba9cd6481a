import type { Clock } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { OrderEnds } from '../observer/order-ends.ts';
import { blockProgress, type Terminal } from './block-progress.ts';
import { lineProgress } from './line-progress.ts';
import { plainStyle } from './style.ts';

/** Runs what was asked for when told to. */
class StepClock implements Clock {
  now = 0;
  pending: (() => void) | undefined;
  nowMs = () => this.now;
  monotonicMs = () => this.now;
  after(delayMs: number, run: () => void): () => void {
    this.pending = () => {
      this.now += delayMs;
      run();
    };
    return () => {
      this.pending = undefined;
    };
  }
  sleep = () => Promise.reject(new Error('nobody sleeps here'));
  tick(): void {
    this.pending?.();
  }
}

/** What a terminal shows after `text`, for the few codes that are used here. */
function screenOf(text: string): string {
  let lines = [''];
  const readable = text.replaceAll('\u001b', '␛');
  for (const [part] of readable.matchAll(/␛\[\d*[A-Z]|␛\[\?25[lh]|[\r\n]|[^␛\r\n]+/g)) {
    const up = /␛\[(\d+)A/.exec(part)?.[1];
    if (part === '\n') lines.push('');
    else if (up !== undefined) lines = lines.slice(0, lines.length - Number(up));
    else if (part === '␛[J') lines[lines.length - 1] = '';
    else if (!/[␛\r]/.test(part)) lines[lines.length - 1] += part;
  }
  return lines.join('\n');
}

function terminal(written: string[], columns = 80): Terminal {
  return { write: (text) => written.push(text), columns: () => columns };
}

function ordersHalfDone(): OrderEnds {
  const ends = new OrderEnds(4);
  for (const index of [0, 1, 2]) ends.place(index, 0);
  ends.setEnd(0, 'completed', 1);
  ends.setEnd(1, 'compensated', 1);
  return ends;
}

describe('blockProgress', () => {
  test('writes one block again and again in its place, and takes it away at the end', () => {
    const clock = new StepClock();
    const written: string[] = [];
    const progress = blockProgress(terminal(written), plainStyle, clock);
    progress.say('The shop opens');
    expect(screenOf(written.join(''))).toBe('\n  The shop opens \n');
    const ends = ordersHalfDone();
    progress.show(() => ({ orders: 4, ends, elapsedMs: 100 }));
    clock.tick();
    const bar = `${'█'.repeat(20)}${'░'.repeat(20)}`;
    expect(screenOf(written.join(''))).toBe(
      `\n  ${bar}  2 of 4  20/s\n  1 completed · 1 compensated · 1 under way\n`,
    );
    progress.end();
    expect(screenOf(written.join(''))).toBe('');
    expect(clock.pending).toBeUndefined();
    expect(written.at(-1)?.endsWith('\u001b[?25h')).toBe(true);
  });

  test('has a shorter bar where there is less room', () => {
    const written: string[] = [];
    const progress = blockProgress(terminal(written, 42), plainStyle, new StepClock());
    progress.show(() => ({ orders: 4, ends: ordersHalfDone(), elapsedMs: 100 }));
    expect(screenOf(written.join(''))).toContain(`\n  ${'█'.repeat(5)}${'░'.repeat(5)}  2 of 4`);
  });

  test('says how long something takes', () => {
    const clock = new StepClock();
    const written: string[] = [];
    const progress = blockProgress(terminal(written), plainStyle, clock);
    progress.say('Kafka starts');
    clock.now = 3_000;
    clock.tick();
    expect(screenOf(written.join(''))).toBe('\n  Kafka starts 3 s\n');
  });
});

describe('lineProgress', () => {
  test('writes a line now and then, without any code of a terminal', () => {
    const clock = new StepClock();
    const written: string[] = [];
    const progress = lineProgress((text) => written.push(text), clock);
    progress.say('The shop opens');
    const ends = ordersHalfDone();
    progress.show(() => ({ orders: 4, ends, elapsedMs: 100 }));
    clock.tick();
    progress.end();
    expect(written.join('')).toBe(
      'The shop opens\n2 of 4: 1 completed, 1 compensated, 1 under way\n',
    );
    expect(clock.pending).toBeUndefined();
  });
});
