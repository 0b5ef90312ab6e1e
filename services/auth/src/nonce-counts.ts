import { checkNonce } from '@rollcall/digest';
import type { Clock } from '@rollcall/runtime';
import type { Challenges } from './challenges.ts';
import type { AuthMetrics } from './metrics.ts';
import type { ServedDomains } from './served-domains.ts';
import type { AuthStore, NonceUse } from './store/auth-store.ts';

/** Checks nonce counts in the shared store, for identities that may register several AORs. */
export class NonceCounts {
  readonly #challenges: Pick<Challenges, 'policy'>;
  readonly #domains: ServedDomains;
  readonly #store: AuthStore;
  readonly #clock: Clock;
  readonly #metrics: AuthMetrics;

  constructor(
    challenges: Pick<Challenges, 'policy'>,
    domains: ServedDomains,
    store: AuthStore,
    clock: Clock,
    metrics: AuthMetrics,
  ) {
    this.#challenges = challenges;
    this.#domains = domains;
    this.#store = store;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /**
   * Raises the count of a nonce; false for a replay and for a nonce that is none of ours or too old.
   *
   * @throws ServiceFault where the store does not answer
   */
  async use(nonce: string, nc: number, requestKey: string): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const issued = this.#findIssue(nonce, nowMs);
    const fresh =
      issued !== undefined && nc > 0 && (await this.#ask({ nonce, nc, requestKey, ...issued }, nowMs));
    if (!fresh) this.#metrics.nonceReplays.inc();
    return fresh;
  }

  /** Asks the store, and keeps the time. */
  async #ask(use: NonceUse, nowMs: number): Promise<boolean> {
    let outcome: 'success' | 'error' = 'error';
    try {
      const fresh = await this.#store.useNonce(use, nowMs);
      outcome = 'success';
      return fresh;
    } finally {
      this.#metrics.backendSeconds('store', outcome, (this.#clock.nowMs() - nowMs) / 1000);
    }
  }

  #findIssue(nonce: string, nowMs: number): { issuedAtMs: number; expiresAtMs: number } | undefined {
    const { nonceKeys, nonceLifetimeSec } = this.#challenges.policy;
    for (const realm of this.#domains.list()) {
      const state = checkNonce(nonceKeys, nonce, realm, nowMs, nonceLifetimeSec);
      if (state.kind === 'good') return { issuedAtMs: state.issuedAtMs, expiresAtMs: state.expiresAtMs };
    }
    return undefined;
  }
}
