import type { Flow } from '@rollcall/transport';

/** What a phone over UDP does unasked (RFC 5626 §4.4.2): NATs forget sooner than connections break. */
const longestOverUdpSec = 29;

/** How much longer than it was told a phone may be silent: transport takes time (§5.4). */
const patience = 1.25;

/** Flow-Timer of RFC 5626 §5.4: how often phones that use outbound show that their flow lives. */
export class FlowTimer {
  readonly #seconds: number;

  /** @param seconds 0: nobody is told */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** The row for a 200 that requires outbound; from now on silence ends the connection. */
  start(flow: Flow): string {
    if (this.#seconds === 0) return '';
    flow.expectWithin?.(this.#seconds * patience * 1000);
    return `Flow-Timer: ${flow.reliable ? this.#seconds : Math.min(this.#seconds, longestOverUdpSec)}\r\n`;
  }
}
