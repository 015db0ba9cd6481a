import assert from 'node:assert/strict';

/** Where a block is. Small enough to be no object of its own. */
export type Address = number;

const unitBytes = 32;
const chunkUnits = 32_768;
const chunkBytes = chunkUnits * unitBytes;
const lengthBytes = 4;

/**
 * Blocks of bytes outside the heap, of which a million cost the collector nothing.
 *
 * Owns chunks of 1 MiB, which it cuts into blocks. Does not own who refers to them: an address is good until `free`.
 * 1. A block that was freed is used again for one of as many units, and for no other. What more than a chunk holds has a
 *    chunk of its own, which `free` gives back.
 * 2. The chunks hold what the blocks of each number of units took when most of those were in use, and what was left at the
 *    end of a chunk: more than was in use at once, where lengths change. They are given back by dropping the arena.
 */
export class ByteArena {
  readonly #chunks: (Buffer | undefined)[] = [];
  /** Freed blocks by their number of units. */
  readonly #freed = new Map<number, Address[]>();
  /** Free places in `#chunks`. */
  readonly #freedChunks: number[] = [];
  #open = -1;
  #nextUnit = chunkUnits;

  /** Bytes of all chunks. */
  get reservedBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
  }

  /** Copies the parts, one after the other, into one block. */
  store(...parts: readonly Uint8Array[]): Address {
    let length = 0;
    for (const part of parts) length += part.length;
    const address = this.#allocate(unitsOf(length));
    const [chunk, start] = this.#place(address);
    chunk.writeUInt32LE(length, start);
    let at = start + lengthBytes;
    for (const part of parts) {
      chunk.set(part, at);
      at += part.length;
    }
    return address;
  }

  /** The block itself, not a copy: what is written into it stays, and it is somebody else's after `free`. */
  read(address: Address): Buffer {
    const [chunk, start] = this.#place(address);
    const from = start + lengthBytes;
    return chunk.subarray(from, from + chunk.readUInt32LE(start));
  }

  free(address: Address): void {
    const units = unitsOf(this.read(address).length);
    if (units > chunkUnits) {
      const index = address / chunkUnits;
      this.#chunks[index] = undefined;
      this.#freedChunks.push(index);
      return;
    }
    const freed = this.#freed.get(units);
    if (freed === undefined) this.#freed.set(units, [address]);
    else freed.push(address);
  }

  #allocate(units: number): Address {
    if (units > chunkUnits) return this.#newChunk(units * unitBytes) * chunkUnits;
    const freed = this.#freed.get(units)?.pop();
    if (freed !== undefined) return freed;
    if (this.#nextUnit + units > chunkUnits) {
      this.#open = this.#newChunk(chunkBytes);
      this.#nextUnit = 0;
    }
    const address = this.#open * chunkUnits + this.#nextUnit;
    this.#nextUnit += units;
    return address;
  }

  #newChunk(bytes: number): number {
    const index = this.#freedChunks.pop() ?? this.#chunks.length;
    this.#chunks[index] = Buffer.allocUnsafeSlow(bytes);
    return index;
  }

  #place(address: Address): [chunk: Buffer, start: number] {
    const index = Math.floor(address / chunkUnits);
    const chunk = this.#chunks[index];
    assert(chunk !== undefined, `there is no block at ${address}`);
    return [chunk, (address - index * chunkUnits) * unitBytes];
  }
}

function unitsOf(length: number): number {
  return Math.ceil((length + lengthBytes) / unitBytes);
}
