import type { IncomingRecord } from '@troupe/core';
import type { ShardParts } from './shard-parts.ts';

export interface ShardProblem {
  readonly message: string;
  readonly sinceMs: number;
}

type StandstillParts = Pick<ShardParts, 'clock' | 'logger' | 'limits'>;

/** Of what a shard that is live may stand still: the passing of time, or everything. */
type Part = 'time' | 'all';

/** Tells people why a live shard does not go on. Telling the same again does not restart `sinceMs`. */
export class Standstill {
  readonly #parts: StandstillParts;
  readonly #partition: number;
  readonly #problems = new Map<Part, ShardProblem>();

  constructor(partition: number, parts: StandstillParts) {
    this.#partition = partition;
    this.#parts = parts;
  }

  get problem(): ShardProblem | undefined {
    return this.#problems.get('all') ?? this.#problems.get('time');
  }

  begin(part: Part, message: string): void {
    const { clock, logger } = this.#parts;
    const before = this.#problems.get(part);
    this.#problems.set(part, { message, sinceMs: before?.sinceMs ?? clock.nowMs() });
    if (before !== undefined) return;
    logger.warn('a shard stands still', { partition: this.#partition, reason: message });
  }

  /** This record cannot be read yet, until the returned function is called; it is told of where that takes long. */
  until({ topic, partition, offset }: IncomingRecord): () => void {
    const { clock, limits } = this.#parts;
    const cancel = clock.after(limits.standstillMs, () =>
      this.begin(
        'all',
        `${topic}-${partition}@${offset} cannot be read until its definition or its schema is known, and all that ` +
          'came after it waits: do the broker and the schema registry answer?',
      ),
    );
    return () => {
      cancel();
      this.end('all');
    };
  }

  end(part: Part): void {
    this.#problems.delete(part);
  }
}
