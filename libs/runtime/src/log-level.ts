import type { Clock, Timer } from './clock.ts';
import type { Logger } from './logger.ts';

/** The levels that can be asked for. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What the log says now, and until when. */
export interface LogLevelState {
  readonly level: string;
  /** Seconds until the configured level returns; 0 where it is in force. */
  readonly returnsInSec: number;
}

/** Changes what is logged while the process runs; the configured level comes back by itself, since people forget. */
export class LogLevel {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #configured: string;
  #returnsAtMs = 0;
  #timer: Timer | undefined;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#configured = logger.level;
  }

  get state(): LogLevelState {
    const restMs = Math.max(0, this.#returnsAtMs - this.#clock.nowMs());
    return { level: this.#logger.level, returnsInSec: Math.ceil(restMs / 1000) };
  }

  /** Sets the level for a time. */
  set(level: (typeof logLevels)[number], forSec: number): void {
    this.#timer?.cancel();
    this.#logger.level = level;
    this.#returnsAtMs = this.#clock.nowMs() + forSec * 1000;
    this.#timer = this.#clock.after(forSec * 1000, () => this.reset());
  }

  /** Back to the configured level. */
  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#returnsAtMs = 0;
    this.#logger.level = this.#configured;
  }
}
