/**
 * How far time may pass for the sake of what was requested. The time limit of a request counts from its decision, but
 * nobody can answer it before its commit, which may hang.
 *
 * Owns when the oldest request was decided: of the open batch, of the one that is being committed, and of those that were
 * acknowledged a moment ago. All of it the broker's time.
 * Invariants:
 * 1. No time passes beyond the decision of a request whose commit is not acknowledged.
 * 2. Nor for as long again as that took: of every time limit at least half is left to who is asked.
 */
export class RequestLag {
  #openMs: number | undefined;
  #committingMs: number | undefined;
  /** None of them is held by another one: decided no earlier, and held no longer. */
  #acknowledged: { readonly decidedMs: number; readonly heldUntilMs: number }[] = [];

  /** Acknowledged requests that hold time back. */
  get heldCount(): number {
    return this.#acknowledged.length;
  }

  decided(nowMs: number): void {
    this.#openMs = Math.min(this.#openMs ?? nowMs, nowMs);
  }

  /** The open batch is being committed. */
  committing(): void {
    this.#committingMs = this.#openMs;
    this.#openMs = undefined;
  }

  /** What was being committed can be answered now. */
  acknowledged(nowMs: number): void {
    this.#release(nowMs);
    const decidedMs = this.#committingMs;
    this.#committingMs = undefined;
    if (decidedMs === undefined) return;
    const heldUntilMs = nowMs + (nowMs - decidedMs); // invariant 2
    const isHeld = this.#acknowledged.some(
      (older) => older.decidedMs <= decidedMs && older.heldUntilMs >= heldUntilMs,
    );
    if (!isHeld) this.#acknowledged.push({ decidedMs, heldUntilMs });
  }

  /** Time limits up to then may pass. */
  passableMs(nowMs: number): number {
    this.#release(nowMs);
    // Invariants 1 and 2. The broker's time may be set back, so that what was decided later may have the earlier time.
    const decidedMs = this.#acknowledged.map((one) => one.decidedMs);
    return Math.min(nowMs, this.#openMs ?? nowMs, this.#committingMs ?? nowMs, ...decidedMs);
  }

  /** Drops what is held no more, also where nobody asks how far time may pass (I8). */
  #release(nowMs: number): void {
    this.#acknowledged = this.#acknowledged.filter(({ heldUntilMs }) => heldUntilMs > nowMs);
  }
}
