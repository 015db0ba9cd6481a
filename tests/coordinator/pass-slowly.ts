import type { ManualClock } from '@troupe/testing';

/** Lets everybody do all that they can do within `ms`, in steps that no time limit is shorter than. */
export async function passSlowly(
  ms: number,
  clocks: readonly ManualClock[],
  stepMs = 100,
): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    for (const clock of clocks) clock.advance(stepMs);
    for (let turn = 0; turn < 4; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
