import type { Clock } from './clock.ts';

/** Something that must be so before traffic is sent here. */
export interface ReadinessCheck {
  /** Its name in /readyz, for example "redis". */
  readonly name: string;
  /** True: it is shown and measured, and decides nothing. */
  readonly advisory?: boolean;
  /** Undefined where all is well, else the problem in words. */
  check(): Promise<string | undefined> | string | undefined;
}

/** The answer of one check; `problem` is absent where all is well. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly problem?: string;
  /** True: it does not decide readiness. */
  readonly advisory?: boolean;
}

/** What probes cost at most: a result is good for so long, and a check may take so long. */
const cacheMs = 1000;
const checkTimeoutMs = 500;

/** Runs the readiness checks; keeps the results for a second, so that probes do not weigh on what they probe. */
export class Readiness {
  readonly #checks: readonly ReadinessCheck[];
  readonly #clock: Clock;
  #running: Promise<CheckResult[]> | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;

  constructor(checks: readonly ReadinessCheck[], clock: Clock) {
    this.#checks = checks;
    this.#clock = clock;
  }

  /** The results, at most a second old. */
  results(): Promise<CheckResult[]> {
    const nowMs = this.#clock.nowMs();
    if (this.#running === undefined || nowMs - this.#startedAtMs >= cacheMs) {
      this.#startedAtMs = nowMs;
      this.#running = Promise.all(this.#checks.map((check) => this.#run(check)));
    }
    return this.#running;
  }

  async #run(check: ReadinessCheck): Promise<CheckResult> {
    const problem = await problemOfCheck(check, this.#clock);
    const { name } = check;
    const advisory = check.advisory === true ? { advisory: true } : undefined;
    return problem === undefined
      ? { name, ok: true, ...advisory }
      : { name, ok: false, problem, ...advisory };
  }
}

/** What a check says, asked once and for a moment only: undefined where all is well. */
export function problemOfCheck(check: ReadinessCheck, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const late = () => resolve(`no answer within ${checkTimeoutMs} ms`);
    const timer = clock.after(checkTimeoutMs, late);
    void answerOf(check).then((problem) => {
      timer.cancel();
      resolve(problem);
    });
  });
}

/** What the check says; a check that throws has said what it threw. */
async function answerOf(check: ReadinessCheck): Promise<string | undefined> {
  try {
    return await check.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
