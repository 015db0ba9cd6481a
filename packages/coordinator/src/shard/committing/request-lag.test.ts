import { describe, expect, test } from 'vitest';
import { RequestLag } from './request-lag.ts';

describe('how far time may pass', () => {
  test('as far as it is, where nothing was requested', () => {
    const lag = new RequestLag();
    lag.committing();
    lag.acknowledged(900);
    expect(lag.passableMs(1_000)).toBe(1_000);
  });

  test('up to the first request that is not acknowledged, and for as long again after that', () => {
    const lag = new RequestLag();
    lag.decided(1_000);
    lag.decided(1_100);
    expect(lag.passableMs(1_200)).toBe(1_000);
    lag.committing();
    lag.decided(1_300);
    expect(lag.passableMs(1_400)).toBe(1_000);
    lag.acknowledged(1_500);
    expect(lag.passableMs(1_999)).toBe(1_000);
    expect(lag.passableMs(2_000)).toBe(1_300);
    lag.committing();
    lag.acknowledged(2_000);
    expect(lag.passableMs(2_699)).toBe(1_300);
    expect(lag.passableMs(2_700)).toBe(2_700);
  });

  test('a long wait holds longer than the short ones after it', () => {
    const lag = new RequestLag();
    lag.decided(1_000);
    lag.committing();
    lag.decided(4_990);
    lag.acknowledged(5_000);
    for (let nowMs = 5_000; nowMs < 8_000; nowMs += 10) {
      lag.committing();
      lag.acknowledged(nowMs);
      lag.decided(nowMs);
      expect(lag.passableMs(nowMs)).toBe(1_000);
    }
    expect(lag.passableMs(9_000)).toBe(7_990);
  });
});
