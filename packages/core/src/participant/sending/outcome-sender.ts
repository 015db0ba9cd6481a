import type { OutgoingRecord, Producer } from '../../ports/transport.ts';
import { Outage, type OutageParts } from '../waiting/outage.ts';
import { Interrupted, type Tenure } from '../waiting/tenure.ts';
import { isTooLarge, sendingObstacle } from './sending-obstacle.ts';

/**
 * Sends what must not be lost: outcomes and dead letters.
 *
 * Whatever the broker answers, it is sent again until it is acknowledged or the tenure is over; the record that caused it
 * is not done before. Also what is refused for what it is: then health says what somebody has to change. It keeps no buffer of its own: callers wait, so what is in flight is bounded by what was received.
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
      await this.#sendAgain(records, error, tenure, whenTooLarge);
    }
  }

  /** Sizes are only refused by a broker that is there, so any answer may be the one that asks for `whenTooLarge`. */
  async #sendAgain(
    first: readonly OutgoingRecord[],
    firstError: unknown,
    tenure: Tenure,
    whenTooLarge: (() => readonly OutgoingRecord[]) | undefined,
  ): Promise<void> {
    let records = first;
    let smaller = whenTooLarge;
    const outage = new Outage(this.#parts, `sending to ${first[0]?.topic}`, (error) =>
      sendingObstacle(error, records),
    );
    try {
      for (let error = firstError; ; ) {
        if (isTooLarge(error) && smaller !== undefined) {
          records = smaller();
          smaller = undefined;
        } else await outage.wait(error, tenure, 'over');
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
