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

  test('I8: what holds it back no more is dropped, also while nobody asks', () => {
    const lag = new RequestLag();
    for (let nowMs = 0; nowMs < 20_000; nowMs += 20) {
      lag.decided(nowMs);
      lag.committing();
      lag.acknowledged(nowMs + 10);
      expect(lag.heldCount).toBe(1);
    }
  });

  describe('where the time of the broker was set back', () => {
    const setBack = () => {
      const lag = new RequestLag();
      lag.decided(9_000);
      lag.committing();
      lag.acknowledged(9_500);
      lag.decided(1_500);
      return lag;
    };

    test('what was decided before does not hide what is not acknowledged', () => {
      const lag = setBack();
      expect(lag.passableMs(1_600)).toBe(1_500);
      lag.committing();
      expect(lag.passableMs(1_600)).toBe(1_500);
    });

    test('nor what was acknowledged a moment ago', () => {
      const lag = setBack();
      lag.committing();
      lag.acknowledged(1_600);
      expect(lag.passableMs(1_699)).toBe(1_500);
      expect(lag.passableMs(1_700)).toBe(1_700);
    });
  });
});
