import { avsc, codecOf, type Tap } from './avsc-boundary.ts';

/**
 * Items that take no byte (nulls, empty records) have no other bound. All others take one at least, so a message
 * never holds more items than bytes; avsc itself would allocate what a hostile count asks for.
 */
const itemsWithoutBytesMax = 1_024;

/** The size of the next block, 0 at the end. Throws when the message cannot hold that many. */
function readBlock(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong();
  }
  return begin(tap, count);
}

function begin(tap: Tap, count: number): number {
  const items = (tap.items ?? 0) + count;
  if (!(items <= tap.buf.length + itemsWithoutBytesMax)) {
    throw new Error(`${count} items are more than the message can hold`);
  }
  tap.items = items;
  return count;
}

/** Calls `skipItem` for each item; jumps over blocks that say their size in bytes. */
function skipBlocks(tap: Tap, skipItem: () => void): void {
  for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
    if (count < 0) {
      const bytes = tap.readLong();
      // A negative size would lead back to where it was read, for ever.
      if (!(bytes >= 0)) throw new Error('a block has a negative size');
      tap.pos += bytes;
    } else {
      for (let left = begin(tap, count); left > 0; left -= 1) skipItem();
    }
  }
}

/** Avro's array, whatever count the bytes claim. */
export class BoundedArrayType extends avsc.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = codecOf(this.itemsType);
    const values: unknown[] = [];
    for (let count = readBlock(tap); count > 0; count = readBlock(tap)) {
      for (let left = count; left > 0; left -= 1) values.push(items._read(tap));
    }
    return values;
  }

  _skip(tap: Tap): void {
    const items = codecOf(this.itemsType);
    skipBlocks(tap, () => items._skip(tap));
  }
}

/** Avro's map, whatever count the bytes claim and whatever keys they hold. */
export class BoundedMapType extends avsc.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values = codecOf(this.valuesType);
    const map: Record<string, unknown> = {};
    for (let count = readBlock(tap); count > 0; count = readBlock(tap)) {
      for (let left = count; left > 0; left -= 1) {
        const key = tap.readString();
        const value = values._read(tap);
        if (key === '__proto__') addProtoEntry(map, value);
        else map[key] = value;
      }
    }
    return map;
  }

  _skip(tap: Tap): void {
    const values = codecOf(this.valuesType);
    skipBlocks(tap, () => {
      tap.skipString();
      values._skip(tap);
    });
  }
}

/** Assignment would change the map's prototype instead of adding an entry. */
function addProtoEntry(map: Record<string, unknown>, value: unknown): void {
  Object.defineProperty(map, '__proto__', {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
