/** A timer that can be stopped; stopping it after it ran does nothing. */
export interface TransactionTimer {
  cancel(): void;
}

/** The time that transactions live in; the `Clock` of the service chassis is one. */
export interface TransactionClock {
  /** Milliseconds since any fixed instant. */
  nowMs(): number;
  after(delayMs: number, run: () => void): TransactionTimer;
}
