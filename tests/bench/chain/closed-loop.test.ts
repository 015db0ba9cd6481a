import { describe, expect, it } from 'vitest';
import { hopCount } from './chain-side.ts';
import { ClosedLoop } from './closed-loop.ts';

const options = { inFlight: 3, warmUpMs: 1, measureMs: 20, drainTimeoutMs: 1_000 };

/** Ends each chain in a later turn of the event loop, as `end` says. */
function loopOf(end: (loop: ClosedLoop, chainId: string) => void): {
  loop: ClosedLoop;
  mostOpen: () => number;
} {
  let open = 0;
  let mostOpen = 0;
  const loop = new ClosedLoop(async (chainId) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    setImmediate(() => {
      open -= 1;
      end(loop, chainId);
    });
  }, options);
  return { loop, mostOpen: () => mostOpen };
}

describe('ClosedLoop', () => {
  it('keeps as many chains in flight as asked for, and verifies every one that it began', async () => {
    const { loop, mostOpen } = loopOf((it, chainId) => it.lastEvent(chainId, hopCount));
    const result = await loop.run();
    expect(mostOpen()).toBe(options.inFlight);
    expect(result).toMatchObject({ lost: 0, duplicates: 0 });
    expect(result.chainMs.length).toBeGreaterThan(0);
    expect(result.begun).toBeGreaterThanOrEqual(result.chainMs.length);
  });

  it('counts a chain once, whose last event comes twice', async () => {
    const { loop } = loopOf((it, chainId) => {
      it.lastEvent(chainId, hopCount);
      it.lastEvent(chainId, hopCount);
    });
    const result = await loop.run();
    expect(result.duplicates).toBe(result.begun);
    expect(result.chainMs.length).toBeLessThanOrEqual(result.begun);
  });

  it('tells how many chains were lost', async () => {
    let swallowed = 0;
    const begin = async (chainId: string): Promise<void> => {
      if (swallowed < 2) swallowed += 1;
      else setImmediate(() => loop.lastEvent(chainId, hopCount));
    };
    const loop = new ClosedLoop(begin, { ...options, drainTimeoutMs: 20 });
    expect(await loop.run()).toMatchObject({ lost: 2 });
  });

  it.each([
    ['a chain that nobody began', 'somebody-else', hopCount, /somebody-else .* no chain/],
    ['a chain that skipped a hop', undefined, hopCount - 1, /after 3 hops/],
  ])('fails on %s', async (_, otherId, hops, reason) => {
    const { loop } = loopOf((it, chainId) => it.lastEvent(otherId ?? chainId, hops));
    await expect(loop.run()).rejects.toThrow(reason);
  });

  it('fails when a chain cannot be begun', async () => {
    const refused = new ClosedLoop(() => Promise.reject(new Error('no broker')), options);
    await expect(refused.run()).rejects.toThrow('no broker');
  });
});
