import type { Clock, Logger } from '@rollcall/runtime';

/** Reasons that change from attempt to attempt are said no more often than this. */
const pauseMs = 10_000;

/** What the outage of one store means. */
export interface OutageLogParts {
  /** The variable that says where Redis is. */
  readonly variable: string;
  /** What goes wrong meanwhile, as the end of "until it answers …". */
  readonly meanwhile: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Says why Redis cannot be used: once, and again when the reason becomes another one; and that it is back. */
export class OutageLog {
  readonly #parts: OutageLogParts;
  #said: string | undefined;
  #saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: OutageLogParts) {
    this.#parts = parts;
  }

  /** An attempt to use Redis came to nothing. May be called for each. */
  failed(problem: string): void {
    const { clock, logger, variable, meanwhile } = this.#parts;
    const nowMs = clock.nowMs();
    if (problem === this.#said || nowMs - this.#saidAtMs < pauseMs) return;
    this.#said = problem;
    this.#saidAtMs = nowMs;
    logger.warn(
      `Redis cannot be used: ${problem.replace(/\.$/, '')} (${adviceOn(problem, variable)}); until it answers ${meanwhile}`,
    );
  }

  /** Redis answers. */
  ready(): void {
    this.#said = undefined;
    this.#saidAtMs = Number.NEGATIVE_INFINITY;
    this.#parts.logger.info('connected to Redis');
  }
}

/** Which variables to look at. What Redis says of a wrong password names none. */
function adviceOn(problem: string, variable: string): string {
  if (/^(NOAUTH|WRONGPASS|NOPERM)\b/.test(problem)) {
    return `check the user and the password of ${variable} or ${variable}_PASSWORD_FILE`;
  }
  if (problem.includes('ETIMEDOUT')) {
    return `check ${variable}: its address, and whether it is TLS that is spoken there`;
  }
  if (/certificate|self-signed|altname|SSL|TLS/i.test(problem)) {
    return `check ${variable}, ${variable}_CA_FILE and ${variable}_SERVER_NAME`;
  }
  return `check ${variable}`;
}
