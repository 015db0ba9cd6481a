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
  /** Each was decided later than the one before, and is held longer. */
  #acknowledged: { readonly decidedMs: number; readonly heldUntilMs: number }[] = [];

  decided(nowMs: number): void {
    this.#openMs ??= nowMs;
  }

  /** The open batch is being committed. */
  committing(): void {
    this.#committingMs = this.#openMs;
    this.#openMs = undefined;
  }

  /** What was being committed can be answered now. */
  acknowledged(nowMs: number): void {
    const decidedMs = this.#committingMs;
    this.#committingMs = undefined;
    if (decidedMs === undefined) return;
    const heldUntilMs = nowMs + (nowMs - decidedMs); // invariant 2
    // An older one that is held longer holds this one, too.
    if (this.#acknowledged.some((older) => older.heldUntilMs >= heldUntilMs)) return;
    this.#acknowledged.push({ decidedMs, heldUntilMs });
  }

  /** Time limits up to then may pass. */
  passableMs(nowMs: number): number {
    this.#acknowledged = this.#acknowledged.filter(({ heldUntilMs }) => heldUntilMs > nowMs);
    // Invariant 1: they were decided in this order.
    const oldestMs = this.#acknowledged[0]?.decidedMs ?? this.#committingMs ?? this.#openMs;
    return Math.min(nowMs, oldestMs ?? nowMs);
  }
}
