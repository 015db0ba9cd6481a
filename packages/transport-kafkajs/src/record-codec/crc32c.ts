const tableSize = 256;
/** Bytes that are taken in one step: a table for each. */
const strideBytes = 8;
const tables = makeTables();

/** CRC-32C (Castagnoli) of the bytes from `start` up to, not including, `end`: Kafka's checksum of a record batch. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (const stop = end - strideBytes + 1; at < stop; at += strideBytes) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8);
    crc ^= (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      entry(7, crc & 0xff) ^
      entry(6, (crc >>> 8) & 0xff) ^
      entry(5, (crc >>> 16) & 0xff) ^
      entry(4, crc >>> 24) ^
      entry(3, byte(bytes, at + 4)) ^
      entry(2, byte(bytes, at + 5)) ^
      entry(1, byte(bytes, at + 6)) ^
      entry(0, byte(bytes, at + 7));
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ entry(0, (crc ^ byte(bytes, at)) & 0xff);
  return (crc ^ -1) >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function entry(table: number, index: number): number {
  return tables[table * tableSize + index] ?? 0;
}

/** Table 0 has the remainder of each byte, table n that of the byte followed by n zero bytes. */
function makeTables(): Int32Array {
  const polynomial = 0x82f63b78;
  const made = new Int32Array(strideBytes * tableSize);
  for (let index = 0; index < made.length; index += 1) {
    const before = index < tableSize ? index : (made[index - tableSize] ?? 0);
    let crc = before;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    made[index] = crc;
  }
  return made;
}
