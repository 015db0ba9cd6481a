import { Buffer } from 'node:buffer';
import { PoisonMessageError } from '@troupe/core';

/** Byte 0, then the schema's id as 4 bytes big endian, then Avro binary. */
export const frameBytes = 5;
export const schemaIdMax = 2 ** 32 - 1;

export function writeFrame(target: Buffer, schemaId: number): void {
  target[0] = 0;
  target.writeUInt32BE(schemaId, 1);
}

/** The id of the schema that a message was written with. Throws `PoisonMessageError` for what has no frame. */
export function readSchemaId(message: Buffer): number {
  if (message.length < frameBytes) {
    throw new PoisonMessageError(
      `a message of ${message.length} bytes: Confluent's frame takes ${frameBytes}, a zero and the id of the schema`,
      { details: { bytes: message.length } },
    );
  }
  if (message[0] !== 0) {
    throw new PoisonMessageError(
      `the first byte is ${message[0]}, not 0: not written in Confluent's frame`,
      { details: { firstByte: message[0] } },
    );
  }
  return message.readUInt32BE(1);
}

/** The same memory as a Buffer, which is what avsc reads from. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
