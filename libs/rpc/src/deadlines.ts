import { limits } from './limits.ts';
import type { RpcClock } from './rpc-clock.ts';

/**
 * Looks at deadlines at a coarse beat, while there are any: one timer for all calls of a method, instead of one for
 * each.
 */
export class Deadlines {
  readonly #clock: RpcClock;
  readonly #sweep: (nowMs: number) => boolean;
  #timer: { cancel(): void } | undefined;

  /** @param sweep ends what is late; returns true while calls are in flight */
  constructor(clock: RpcClock, sweep: (nowMs: number) => boolean) {
    this.#clock = clock;
    this.#sweep = sweep;
  }

  /** There is a call in flight. */
  arm(): void {
    this.#timer ??= this.#clock.after(limits.sweepMs, this.#beat);
  }

  close(): void {
    this.#timer?.cancel();
  }

  readonly #beat = (): void => {
    this.#timer = undefined;
    if (this.#sweep(this.#clock.nowMs())) this.arm();
  };
}
