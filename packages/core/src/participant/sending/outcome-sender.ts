import { TroupeError } from '../../errors/troupe-error.ts';
import type { OutgoingRecord, Producer } from '../../ports/transport.ts';
import { Outage, type OutageParts } from '../effects/outage.ts';
import { Interrupted, type Tenure } from '../intake/tenure.ts';

/**
 * Sends what must not be lost: outcomes and dead letters.
 *
 * Whatever the broker answers, it is sent again until it is acknowledged or the tenure is over; the record that caused it
 * is not done before. It keeps no buffer of its own: callers wait, so what is in flight is bounded by what was received.
 */
export class OutcomeSender {
  readonly #producer: Producer;
  readonly #parts: OutageParts;

  constructor(producer: Producer, parts: OutageParts) {
    this.#producer = producer;
    this.#parts = parts;
  }

  /**
   * Resolves when all of `records` are acknowledged. Rejects with `Interrupted` when the tenure is over before.
   * `whenTooLarge` gives what to send in their place when the broker refuses their size.
   */
  async send(
    records: readonly OutgoingRecord[],
    tenure: Tenure,
    whenTooLarge?: () => readonly OutgoingRecord[],
  ): Promise<void> {
    try {
      await this.#producer.send(records); // the way that nearly all go
    } catch (error) {
      if (tenure.over) throw new Interrupted();
      const smaller = isTooLarge(error) ? whenTooLarge?.() : undefined;
      await this.#sendAgain(smaller ?? records, error, tenure);
    }
  }

  async #sendAgain(
    records: readonly OutgoingRecord[],
    firstError: unknown,
    tenure: Tenure,
  ): Promise<void> {
    const outage = new Outage(this.#parts, `sending to ${records[0]?.topic}`);
    let error = firstError;
    try {
      for (;;) {
        await outage.wait(error, tenure, 'over');
        try {
          await this.#producer.send(records);
          return;
        } catch (again) {
          error = again;
        }
      }
    } finally {
      outage.end();
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof TroupeError && error.code === 'message-too-large';
}
