/**
 * The only source of time and timers. Tests advance a fake one; nothing else reads the system's.
 */
export interface Clock {
  /** Milliseconds since the epoch. May jump when somebody sets the machine's clock. */
  nowMs(): number;
  /** Milliseconds since some fixed point. Never goes back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`, unless cancelled. Never calls it synchronously. */
  after(delayMs: number, run: () => void): CancelTimer;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

export type CancelTimer = () => void;
