import { setTimeout as pause } from 'node:timers/promises';

const waitMsMax = 30_000;
const pollMs = 5;

/** Waits until `condition` holds. Fails with what was `expected`, and with `state()` as it is then. */
export async function eventually(
  expected: string,
  condition: () => boolean | Promise<boolean>,
  state: () => unknown = () => '',
): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`after ${waitMsMax} ms still not true: ${expected} ${String(state())}`);
    }
    await pause(pollMs);
  }
}
