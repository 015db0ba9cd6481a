import { randomUUID } from 'node:crypto';

/** The only source of randomness, so that a simulation can be replayed from its seed. */
export interface Random {
  /** A new unique id: hyphenated lower-case hex as in RFC 9562. */
  id(): string;
  /** From 0 up to, not including, 1. */
  fraction(): number;
}

export const systemRandom: Random = {
  id: () => randomUUID(),
  fraction: () => Math.random(),
};
