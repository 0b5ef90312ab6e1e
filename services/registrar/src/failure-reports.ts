import type { AuthCalls } from '@rollcall/rpc';
import type { LockoutTable } from './lockout-table.ts';

/** Reports under way at most: in a flood of wrong passwords the rest is dropped, and auth has counted enough. */
const mostUnderWay = 256;
const reportTimeoutMs = 1000;

/** Tells auth of failures that the registrar found by itself, so that auth can lock out. Nobody waits for it. */
export class FailureReports {
  readonly #auth: Pick<AuthCalls, 'reportFailure'>;
  readonly #lockouts: LockoutTable;
  #underWay = 0;

  constructor(auth: Pick<AuthCalls, 'reportFailure'>, lockouts: LockoutTable) {
    this.#auth = auth;
    this.#lockouts = lockouts;
  }

  report(realm: string, username: string, source: string): void {
    if (this.#underWay >= mostUnderWay) return;
    this.#underWay += 1;
    this.#auth
      .reportFailure({ realm, username, source }, { timeoutMs: reportTimeoutMs, traceparent: '' })
      .then(({ retryAfterMs }) => {
        // The watch stream says so to everyone; this registrar need not wait for it.
        if (retryAfterMs > 0) this.#lockouts.set(realm, username, source, retryAfterMs);
      })
      // A report lost while auth is away changes nothing for the phone.
      .catch(() => undefined)
      .finally(() => {
        this.#underWay -= 1;
      });
  }
}
