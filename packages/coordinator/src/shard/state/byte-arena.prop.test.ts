import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, ByteArena } from './byte-arena.ts';

const chunkBytes = 1_048_576;

describe('an arena of bytes', () => {
  test('gives back what was stored, whatever was freed and stored meanwhile', () => {
    const length = fc.oneof(
      { weight: 8, arbitrary: fc.nat(200) },
      { weight: 1, arbitrary: fc.constantFrom(chunkBytes - 4, chunkBytes - 3, chunkBytes + 99) },
    );
    const operation = fc.oneof(
      fc.record({ lengths: fc.array(length, { maxLength: 3 }) }),
      fc.record({ free: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const arena = new ByteArena();
        const stored: { address: Address; bytes: Buffer }[] = [];
        for (const [index, step] of operations.entries()) {
          if ('lengths' in step) {
            const parts = step.lengths.map((each) => Buffer.alloc(each, index + 1));
            stored.push({ address: arena.store(...parts), bytes: Buffer.concat(parts) });
          } else if (stored.length > 0) {
            const [gone] = stored.splice(step.free % stored.length, 1);
            if (gone !== undefined) arena.free(gone.address);
          }
          for (const { address, bytes } of stored) {
            expect(arena.read(address).equals(bytes)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('uses the place of freed blocks again', () => {
    const arena = new ByteArena();
    for (let round = 0; round < 100; round += 1) {
      const addresses = Array.from({ length: 1_000 }, () => arena.store(Buffer.alloc(500)));
      for (const address of addresses) arena.free(address);
    }
    expect(arena.reservedBytes).toBe(chunkBytes);
    const large = arena.store(Buffer.alloc(3 * chunkBytes));
    arena.free(large);
    expect(arena.reservedBytes).toBe(chunkBytes);
    expect(() => arena.read(large)).toThrow('there is no block');
  });

  test('what is written into a block stays', () => {
    const arena = new ByteArena();
    const address = arena.store(Buffer.alloc(8));
    arena.read(address).writeDoubleLE(1.5);
    expect(arena.read(address).readDoubleLE()).toBe(1.5);
  });
});
