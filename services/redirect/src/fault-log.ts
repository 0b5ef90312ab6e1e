import type { Clock, Logger } from '@rollcall/runtime';

const quietMs = 1000;

/** Logs faults without drowning the log: at most one line a second, with the number of those left out since. */
export class FaultLog {
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'warn'>;
  #quietUntilMs = 0;
  #leftOut = 0;

  constructor(clock: Clock, logger: Pick<Logger, 'warn'>) {
    this.#clock = clock;
    this.#logger = logger;
  }

  note(error: unknown, text: string): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#quietUntilMs) {
      this.#leftOut += 1;
      return;
    }
    this.#logger.warn({ err: error, leftOut: this.#leftOut }, text);
    this.#quietUntilMs = nowMs + quietMs;
    this.#leftOut = 0;
  }
}
