import type { Claim, PartitionReader } from '../../ports/transport.ts';
import type { Held } from './key-lane.ts';
import { PartitionIntake, type PartitionIntakeOptions, type Share } from './partition-intake.ts';

export interface IntakeOptions extends Omit<PartitionIntakeOptions, 'claim' | 'share' | 'onEnd'> {
  /** What all partition numbers may hold; each has an equal share of it. */
  readonly max: Share;
}

/**
 * The intakes of all partition numbers that this service holds.
 *
 * Owns which there are, and that nothing is delivered before `open`. Does not own the consumer.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #partitions = new Map<Claim, PartitionIntake>();
  #isOpen = false;
  #share: Share;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#share = options.max;
  }

  /** A partition number was assigned. */
  take(claim: Claim): PartitionReader {
    const options = this.#options;
    const partition = new PartitionIntake({
      ...options,
      claim,
      share: () => this.#share,
      onEnd: () => {
        this.#partitions.delete(claim);
        this.#divide();
      },
    });
    this.#partitions.set(claim, partition);
    this.#divide();
    if (!this.#isOpen) claim.pause(options.topics);
    return partition;
  }

  /** Everything that handling needs is known: records may come. */
  open(): void {
    this.#isOpen = true;
    for (const claim of this.#partitions.keys()) claim.resume(this.#options.topics);
  }

  /** Ends what was begun and is still held, as where a consumer has crashed. Within `drainTimeoutMs`. */
  async close(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.end()));
  }

  #divide(): void {
    const { buffered, parked } = this.#options.max;
    const parts = Math.max(this.#partitions.size, 1);
    this.#share = { buffered: partOf(buffered, parts), parked: partOf(parked, parts) };
  }
}

function partOf({ records, bytes }: Readonly<Held>, parts: number): Held {
  return {
    records: Math.max(1, Math.floor(records / parts)),
    bytes: Math.max(1, Math.floor(bytes / parts)),
  };
}
