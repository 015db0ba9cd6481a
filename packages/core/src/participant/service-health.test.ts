import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../ports/logger.ts';
import { ServiceHealth } from './service-health.ts';

let health: ServiceHealth;
beforeEach(() => {
  health = new ServiceHealth(silentLogger, () => 0);
  for (let i = 0; i < 100; i += 1) health.begin('key-waiting', `saga ${i}`, 'no definition');
});

const report = () => health.report(true, 'at-least-once');
const isListed = (subject: string): boolean =>
  report().problems.some((problem) => problem.subject === subject);

describe('a service with a hundred problems', () => {
  it('still says that its consumer ended', () => {
    expect(report()).toMatchObject({ live: true, ready: true });
    health.begin('crashed', 'stock', 'the consumer ended');
    expect(report()).toMatchObject({ live: false, ready: false });
    expect(report().problems[0]).toMatchObject({ code: 'crashed' });
  });

  it('still says that something does not answer, until it does', () => {
    health.begin('outage', 'sending to shop', 'no broker');
    expect(report()).toMatchObject({ live: true, ready: false });
    health.end('outage', 'sending to shop');
    expect(report()).toMatchObject({ live: true, ready: true });
  });

  it('lists no more of them, until there is room', () => {
    health.begin('key-waiting', 'one more', 'no definition');
    expect(report().problems.length).toBe(100);
    expect(isListed('one more')).toBe(false);
    health.end('key-waiting', 'saga 7');
    expect(isListed('one more')).toBe(true);
  });

  it('counts who has one that is not listed: it is over with the last', () => {
    health.begin('key-waiting', 'one more', 'no definition');
    health.end('key-waiting', 'saga 7');
    health.begin('key-waiting', 'one more', 'no definition');
    health.end('key-waiting', 'one more');
    expect(isListed('one more')).toBe(true);
    health.end('key-waiting', 'one more');
    expect(isListed('one more')).toBe(false);
  });
});
