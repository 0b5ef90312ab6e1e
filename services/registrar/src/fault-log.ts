import { ServiceFault } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';

const quietMs = 1000;

/** Logs faults without drowning the log: at most one line a second, with the number of those left out since. */
export class FaultLog {
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  #quietUntilMs = 0;
  #leftOut = 0;

  constructor(clock: Clock, logger: Pick<Logger, 'warn' | 'error'>) {
    this.#clock = clock;
    this.#logger = logger;
  }

  note(error: unknown, text: string): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#quietUntilMs) {
      this.#leftOut += 1;
      return;
    }
    const fields = { err: error, leftOut: this.#leftOut };
    // A fault is somebody's absence; anything else is a mistake of our own.
    if (error instanceof ServiceFault) this.#logger.warn(fields, text);
    else this.#logger.error(fields, text);
    this.#quietUntilMs = nowMs + quietMs;
    this.#leftOut = 0;
  }
}
