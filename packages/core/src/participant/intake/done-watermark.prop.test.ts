import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DoneWatermark, type Unfinished } from './done-watermark.ts';

const unfinished = (offset: bigint): Unfinished => ({
  offset,
  before: undefined,
  after: undefined,
});

describe('the done watermark', () => {
  test('stands before the first record that is not done, in whatever order they end', () => {
    const records = fc.array(fc.record({ gap: fc.nat(3), wanted: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        records,
        fc.infiniteStream(fc.nat()),
        fc.bigInt(0n, 1_000n),
        (steps, picks, from) => {
          const watermark = new DoneWatermark(from);
          const open: Unfinished[] = [];
          let next = from;
          let before = watermark.doneBelow;
          const check = () => {
            const [lowest = next] = open.map(({ offset }) => offset).sort((a, b) => Number(a - b));
            expect(watermark.doneBelow).toBe(lowest);
            expect(watermark.doneBelow >= before).toBe(true);
            before = watermark.doneBelow;
          };
          const endOne = () => {
            const pick = picks.next().value;
            const [record] = open.splice(pick % Math.max(open.length, 1), 1);
            if (record !== undefined) watermark.end(record);
            check();
          };
          check();
          for (const { gap, wanted } of steps) {
            const offset = next + BigInt(gap);
            next = offset + 1n;
            if (wanted) {
              const record = unfinished(offset);
              open.push(record);
              watermark.begin(record);
            } else watermark.passOver(offset + 1n);
            check();
            if (picks.next().value % 2 === 0) endOne();
          }
          while (open.length > 0) endOne();
          expect(watermark.doneBelow).toBe(next);
        },
      ),
    );
  });
});
