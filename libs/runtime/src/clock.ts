/** Where time comes from. Everything outside this package and the transports takes one, so that tests own the time. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Runs once after the delay in milliseconds, unless cancelled before. */
  after(delayMs: number, run: () => void): Timer;
}

/** A timer that was started with {@link Clock.after}. */
export interface Timer {
  /** Stops it; does nothing once it has run. */
  cancel(): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
