import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { problemOfCheck, type ReadinessCheck } from './readiness.ts';

/** How often it is looked, and after how long the log says what is waited for, and how often again. */
const beatMs = 25;
const patienceMs = 2000;
const remindEveryMs = 30_000;

/** Options of {@link firstReady}. */
export interface FirstReadyOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted where the process is told to stop: nothing is waited for any more. */
  readonly stopping: AbortSignal;
  /** Where it is better to serve badly than not at all: the longest to wait, in milliseconds. */
  readonly longestMs?: number;
}

/**
 * Waits until all checks are content for the first time. A program that opens its port sooner is found by clients at once, as the
 * one with the least load, and must refuse what others could have served.
 */
export async function firstReady(
  checks: readonly ReadinessCheck[],
  { clock, logger, stopping, longestMs = Number.POSITIVE_INFINITY }: FirstReadyOptions,
): Promise<void> {
  const startedAtMs = clock.nowMs();
  let remindAtMs = startedAtMs + patienceMs;
  while (!stopping.aborted) {
    const problems = (await Promise.all(checks.map((check) => problemOfCheck(check, clock)))).filter(
      (problem) => problem !== undefined,
    );
    const nowMs = clock.nowMs();
    if (problems.length === 0 || nowMs - startedAtMs >= longestMs) return;
    if (nowMs >= remindAtMs) {
      remindAtMs = nowMs + remindEveryMs;
      logger.warn({ problems }, 'not open yet');
    }
    await new Promise<void>((resolve) => {
      clock.after(beatMs, resolve);
    });
  }
}
