import { Buffer } from 'node:buffer';
import { type AnyEventClass, type Event, TerminalError } from '@troupe/core';
import type { avsc } from '../avro/avsc-boundary.ts';
import { frameBytes, writeFrame } from './confluent-frame.ts';

const scratchBytesFirst = 16_384;
/** A larger buffer is used once and let go. */
const scratchBytesMax = 1_048_576;

/** Shared by all: encoding is synchronous. Its content means nothing between two calls. */
let scratch = Buffer.allocUnsafeSlow(scratchBytesFirst);

/**
 * Encodes events of one class. The constructor of the event has checked its payload, so this does not; it throws
 * `payload-invalid` with the path for an event that was changed afterwards in a way that Avro cannot write.
 */
export class EventEncoder {
  readonly #type: avsc.Type;
  readonly #schemaId: number;
  readonly #eventClass: AnyEventClass;

  constructor(eventClass: AnyEventClass, type: avsc.Type, schemaId: number) {
    this.#eventClass = eventClass;
    this.#type = type;
    this.#schemaId = schemaId;
  }

  encode(event: Event): Uint8Array {
    let target = scratch;
    let end = this.#write(event, target);
    if (end < 0) {
      // avsc says how much was missing.
      target = Buffer.allocUnsafeSlow(target.length - end);
      end = this.#write(event, target);
      if (target.length <= scratchBytesMax) scratch = target;
    }
    writeFrame(target, this.#schemaId);
    const message = Buffer.allocUnsafe(end);
    target.copy(message, 0, 0, end);
    return message;
  }

  #write(event: Event, target: Buffer): number {
    try {
      return this.#type.encode(event, target, frameBytes);
    } catch (cause) {
      const { eventName } = this.#eventClass;
      const path = this.#invalidPath(event);
      throw new TerminalError(
        `event ${eventName}: ${path}: the value cannot be written: it was changed after the event was made`,
        { code: 'payload-invalid', cause, details: { event: eventName, path } },
      );
    }
  }

  #invalidPath(event: Event): string {
    const paths: string[] = [];
    this.#type.isValid(event, { errorHook: (path) => paths.push(path.join('.')) });
    return paths[0] ?? '(unknown)';
  }
}
