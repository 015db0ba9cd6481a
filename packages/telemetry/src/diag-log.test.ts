import type { Clock, LogFields } from '@troupe/core';
import { silentLogger, systemClock } from '@troupe/core';
import { expect, it } from 'vitest';
import { diagToLogger } from './diag-log.ts';

function logging() {
  const lines: [message: string, suppressed: unknown][] = [];
  const time = { nowMs: 0 };
  const clock: Clock = { ...systemClock, monotonicMs: () => time.nowMs };
  const warn = (message: string, fields?: LogFields) =>
    void lines.push([message, fields?.['suppressed']]);
  return { lines, time, log: diagToLogger({ ...silentLogger, warn }, clock) };
}

it('writes one warning a minute, and how many it left out', () => {
  const { lines, time, log } = logging();
  for (const second of [0, 1, 2, 59, 60, 61, 120]) {
    time.nowMs = second * 1_000;
    log.error(`second ${second}`);
  }
  expect(lines).toEqual([
    ['telemetry: second 0', 0],
    ['telemetry: second 60', 3],
    ['telemetry: second 120', 1],
  ]);
});

it('says the message of an error that comes as JSON with a stack', () => {
  const { lines, log } = logging();
  log.error(JSON.stringify({ stack: 'at x', message: 'connect', code: 'ECONNREFUSED' }));
  expect(lines).toEqual([['telemetry: connect ECONNREFUSED', 0]]);
});

it('leaves out what is no warning', () => {
  const { lines, log } = logging();
  for (const level of ['info', 'debug', 'verbose'] as const) log[level]('chatter');
  expect(lines).toEqual([]);
});
