import type { Claim, IncomingRecord, PartitionReader } from '../../ports/transport.ts';
import type { Held } from './key-lane.ts';
import { PartitionIntake, type PartitionIntakeOptions, type Share } from './partition-intake.ts';

export interface IntakeOptions extends Omit<PartitionIntakeOptions, 'claim' | 'share'> {
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
  readonly #claims = new Set<Claim>();
  #isOpen = false;
  #share: Share;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#share = options.max;
  }

  /** A partition number was assigned. */
  take(claim: Claim): PartitionReader {
    const options = this.#options;
    this.#claims.add(claim);
    this.#divide();
    if (!this.#isOpen) claim.pause(options.topics);
    const partition = new PartitionIntake({ ...options, claim, share: () => this.#share });
    return {
      onRecords: (records: readonly IncomingRecord[]) => partition.onRecords(records),
      onRevoked: async () => {
        await partition.onRevoked();
        this.#claims.delete(claim);
        this.#divide();
      },
    };
  }

  /** Everything that handling needs is known: records may come. */
  open(): void {
    this.#isOpen = true;
    for (const claim of this.#claims) claim.resume(this.#options.topics);
  }

  #divide(): void {
    const { buffered, parked } = this.#options.max;
    const parts = Math.max(this.#claims.size, 1);
    this.#share = { buffered: partOf(buffered, parts), parked: partOf(parked, parts) };
  }
}

function partOf({ records, bytes }: Readonly<Held>, parts: number): Held {
  return {
    records: Math.max(1, Math.floor(records / parts)),
    bytes: Math.max(1, Math.floor(bytes / parts)),
  };
}
