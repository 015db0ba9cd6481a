import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./used-before.test-data.ts', import.meta.url));

// A process of its own: in this one another test may have put the codec in place already.
test.each([
  ['in the order of a transport', []],
  ['in another order', ['gaps-first']],
])(
  'kafkajs is corrected also where it was used before, %s: in fetches 4 to 11, and produce requests 3 to 7',
  async (_, order) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...order]);
    const { fetches, produces } = JSON.parse(stdout);
    // kafkajs's own decoder adds a function to a header of this name, and reads nothing of the gap.
    const corrected = [
      ['0', false, 'constructor=c'],
      ['4', true],
    ];
    expect(fetches).toEqual(Array.from({ length: 8 }, () => corrected));
    expect(produces).toEqual([3, 4, 5, 6, 7].map((version) => [version, false]));
  },
);
