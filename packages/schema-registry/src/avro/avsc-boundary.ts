import type { Buffer } from 'node:buffer';
import avsc from 'avsc';

/**
 * The part of avsc's inside that its own types do not declare, and that bounded decoding needs: written against the
 * pinned version. Nothing else in this package reaches into avsc.
 */
export interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  writeLong(value: number): void;
  skipLong(): void;
  readString(): string;
  skipString(): void;
  /** Added by the collections of this package: items begun in this message. */
  items?: number;
}

/** What every type and every resolver of avsc can do. */
export interface Codec {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

/** `this` of a collection's methods: the type itself, or a resolver that stands for it. */
export function codecOf(typeOrResolver: avsc.Type): Codec {
  return typeOrResolver as unknown as Codec;
}

/** Told by a check of a value where it does not fit. */
export type CheckHook = ((value: unknown, type: avsc.Type) => void) | undefined;

export { avsc };
