import type { Clock } from '@rollcall/runtime';

/**
 * The Date header row (RFC 3261 section 20.17, always GMT), formatted once a second instead of once a response.
 */
export class DateRow {
  #second = -1;
  #row = '';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** "Date: Sun, 22 Nov 2026 12:00:00 GMT" with its line end. */
  now(): string {
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#row = `Date: ${new Date(second * 1000).toUTCString()}\r\n`;
    }
    return this.#row;
  }
}
