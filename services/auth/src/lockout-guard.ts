import type { Clock, Logger } from '@rollcall/runtime';
import type { AuthMetrics } from './metrics.ts';
import { normaliseSource } from './networks.ts';
import type { AuthStore, Failure, FailureLimits, Lockout } from './store/auth-store.ts';
import { LockoutTable } from './store/lockout-table.ts';

/** Many users share one source behind a carrier's NAT: it is allowed so many times what one user is. */
const sourceFactor = 10;

/** What the guard needs. */
export interface LockoutGuardParts {
  readonly store: AuthStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AuthMetrics;
  /** Failures of one user from one source that lock it out; 0 turns all of it off. */
  readonly failures: number;
  readonly seconds: number;
  /** Called for each lock-out, whichever replica made it. */
  onLockout(lockout: Lockout): void;
}

/** Refuses who guesses passwords: a user from one source, or a whole source, never a user from everywhere. */
export class LockoutGuard {
  readonly #parts: LockoutGuardParts;
  readonly #limits: FailureLimits | undefined;
  readonly #table = new LockoutTable();

  constructor(parts: LockoutGuardParts) {
    this.#parts = parts;
    const { failures, seconds } = parts;
    this.#limits =
      failures === 0
        ? undefined
        : { perUser: failures, perSource: failures * sourceFactor, windowMs: seconds * 1000 };
    parts.store.onLockout((lockout) => this.#onLockout(lockout));
  }

  /** For how long a user is refused from a source, in milliseconds; 0 where it is not. */
  remainingMs(realm: string, username: string, source: string): number {
    return this.#table.remainingMs(realm, username, normaliseSource(source), this.#parts.clock.nowMs());
  }

  /** Counts a failure; returns for how long the user is refused from the source now. */
  async countFailure(failure: Failure): Promise<number> {
    const limits = this.#limits;
    if (limits === undefined || failure.source === '') return 0;
    const source = normaliseSource(failure.source);
    const nowMs = this.#parts.clock.nowMs();
    try {
      const made = await this.#parts.store.countFailure({ ...failure, source }, limits, nowMs);
      for (const lockout of made) this.#onLockout(lockout);
    } catch (error) {
      // A store that is away must not turn a wrong password into a 503: the failure goes uncounted.
      this.#parts.logger.debug({ err: error }, 'a failure was not counted');
    }
    return this.#table.remainingMs(failure.realm, failure.username, source, nowMs);
  }

  /** Lock-outs in force. */
  current(nowMs: number): Lockout[] {
    return this.#table.current(nowMs);
  }

  #onLockout(lockout: Lockout): void {
    // A store tells at least once: by the answer, and to all replicas.
    if (!this.#table.add(lockout)) return;
    const { logger, metrics, onLockout } = this.#parts;
    metrics.lockouts.inc();
    const { realm, username, source } = lockout;
    logger.warn(
      { realm, source, scope: username === '' ? 'source' : 'user' },
      'locked out after repeated failures',
    );
    onLockout(lockout);
  }
}
