import type { Clock } from './clock.ts';

const windowMs = 1000;

/** Lets a few log lines a second through, for what may happen with every message. */
export class LogLimit {
  readonly #linesPerSecond: number;
  readonly #clock: Clock;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #unsaid = 0;

  constructor(linesPerSecond: number, clock: Clock) {
    this.#linesPerSecond = linesPerSecond;
    this.#clock = clock;
  }

  /** How many lines went unsaid since the last one, where this one may be written; else undefined. */
  mayLog(): number | undefined {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines >= this.#linesPerSecond) {
      this.#unsaid += 1;
      return undefined;
    }
    this.#lines += 1;
    const unsaid = this.#unsaid;
    this.#unsaid = 0;
    return unsaid;
  }
}
