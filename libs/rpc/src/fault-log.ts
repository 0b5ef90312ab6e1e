import type { RpcClock } from './rpc-clock.ts';
import { ServiceFault } from './service-fault.ts';

/** Where lines go; a pino logger is one. */
interface FaultLogger {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

const quietMs = 1000;

/** Logs faults without drowning the log: at most one line a second, with the number of those left out since. */
export class FaultLog {
  readonly #clock: RpcClock;
  readonly #logger: FaultLogger;
  #quietUntilMs = 0;
  #leftOut = 0;

  constructor(clock: RpcClock, logger: FaultLogger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Notes one fault, with what was being done. */
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
