/** This many records at once are a backlog: then waiting gathers nothing that would not come anyway. */
const backlogRecordsMin = 200;

/**
 * Topics that are read by a reader in no hurry: after some of their records were delivered they are left out of fetches
 * for a while, so that what comes in short order comes with one. Each fetch has a price, on both sides.
 */
export class Gathering {
  readonly #gatherMs: (topic: string) => number;
  /** By topic: until when it is left out. */
  readonly #untilMs = new Map<string, number>();

  constructor(gatherMs: (topic: string) => number) {
    this.#gatherMs = gatherMs;
  }

  delivered(topic: string, records: number, nowMs: number): void {
    const gatherMs = this.#gatherMs(topic);
    if (gatherMs <= 0 || records >= backlogRecordsMin) this.#untilMs.delete(topic);
    else this.#untilMs.set(topic, nowMs + gatherMs);
  }

  /** How long to leave it out yet; 0: it may be fetched. */
  leftMs(topic: string, nowMs: number): number {
    const untilMs = this.#untilMs.get(topic);
    return untilMs === undefined ? 0 : Math.max(0, untilMs - nowMs);
  }
}
