import type { Claim, IncomingRecord, PartitionReader } from '../../ports/transport.ts';
import { PartitionIntake, type PartitionIntakeOptions, type Share } from './partition-intake.ts';

export interface IntakeOptions extends Omit<PartitionIntakeOptions, 'claim' | 'share'> {
  /** Over all partition numbers; each may hold an equal share of it. */
  readonly bufferedRecordsMax: number;
  readonly bufferedBytesMax: number;
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

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** A partition number was assigned. */
  take(claim: Claim): PartitionReader {
    const { bufferedRecordsMax, bufferedBytesMax, ...options } = this.#options;
    const share = (): Share => ({
      records: Math.max(1, Math.floor(bufferedRecordsMax / this.#claims.size)),
      bytes: Math.max(1, Math.floor(bufferedBytesMax / this.#claims.size)),
    });
    this.#claims.add(claim);
    if (!this.#isOpen) claim.pause(options.topics);
    const partition = new PartitionIntake({ ...options, claim, share });
    return {
      onRecords: (records: readonly IncomingRecord[]) => partition.onRecords(records),
      onRevoked: async () => {
        await partition.onRevoked();
        this.#claims.delete(claim);
      },
    };
  }

  /** Everything that handling needs is known: records may come. */
  open(): void {
    this.#isOpen = true;
    for (const claim of this.#claims) claim.resume(this.#options.topics);
  }
}
