import { LRUCache } from 'lru-cache';
import type { AuthStore, Failure, FailureLimits, Lockout, NonceUse } from './auth-store.ts';

/** A nonce costs about 200 bytes here, so this is some 20 MB at most. */
const defaultMaxNonces = 100_000;

/** Sources and users of failures that are remembered; the least recent is forgotten first. */
const maxFailureCounts = 50_000;

interface CountedNonce {
  nc: number;
  requestKey: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

interface FailureCount {
  count: number;
  readonly windowEndsAtMs: number;
}

/** The state of one replica that shares with nobody. */
export class MemoryAuthStore implements AuthStore {
  readonly kind = 'memory';
  readonly #maxNonces: number;
  /** In the order of first use, so that the oldest goes first. */
  readonly #nonces = new Map<string, CountedNonce>();
  /** Nonces issued up to here may have been forgotten: one that is not known counts as replayed. */
  #forgottenUpToMs = Number.NEGATIVE_INFINITY;
  readonly #byUser = new LRUCache<string, FailureCount>({ max: maxFailureCounts });
  readonly #bySource = new LRUCache<string, FailureCount>({ max: maxFailureCounts });
  readonly #listeners: ((lockout: Lockout) => void)[] = [];

  constructor(maxNonces = defaultMaxNonces) {
    this.#maxNonces = maxNonces;
  }

  useNonce(use: NonceUse, nowMs: number): Promise<boolean> {
    const known = this.#nonces.get(use.nonce);
    if (known !== undefined) {
      if (use.nc > known.nc) {
        known.nc = use.nc;
        known.requestKey = use.requestKey;
        return Promise.resolve(true);
      }
      return Promise.resolve(use.nc === known.nc && use.requestKey === known.requestKey);
    }
    if (use.expiresAtMs <= nowMs || use.issuedAtMs <= this.#forgottenUpToMs) return Promise.resolve(false);
    this.#makeRoom(nowMs);
    const { nc, requestKey, issuedAtMs, expiresAtMs } = use;
    this.#nonces.set(use.nonce, { nc, requestKey, issuedAtMs, expiresAtMs });
    return Promise.resolve(true);
  }

  countFailure(failure: Failure, limits: FailureLimits, nowMs: number): Promise<readonly Lockout[]> {
    const { realm, username, source } = failure;
    const untilMs = nowMs + limits.windowMs;
    const lockouts: Lockout[] = [];
    const user = `${source}\n${realm}\n${username}`;
    if (countTo(this.#byUser, user, limits.perUser, untilMs, nowMs)) lockouts.push({ ...failure, untilMs });
    if (countTo(this.#bySource, source, limits.perSource, untilMs, nowMs)) {
      lockouts.push({ realm: '', username: '', source, untilMs });
    }
    for (const lockout of lockouts) for (const listen of this.#listeners) listen(lockout);
    return Promise.resolve(lockouts);
  }

  onLockout(listen: (lockout: Lockout) => void): void {
    this.#listeners.push(listen);
  }

  check(): string | undefined {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Forgets expired nonces, and the oldest of the others where there is still no room. */
  #makeRoom(nowMs: number): void {
    for (const [nonce, counted] of this.#nonces) {
      const full = this.#nonces.size >= this.#maxNonces;
      if (!full && counted.expiresAtMs > nowMs) return;
      this.#nonces.delete(nonce);
      // Its owner is challenged again with stale=true, and goes on with a new nonce.
      if (counted.expiresAtMs > nowMs)
        this.#forgottenUpToMs = Math.max(this.#forgottenUpToMs, counted.issuedAtMs);
    }
  }
}

/** Counts one; true where the limit is reached, from which on counting starts anew. */
function countTo(
  counts: LRUCache<string, FailureCount>,
  key: string,
  limit: number,
  windowEndsAtMs: number,
  nowMs: number,
): boolean {
  const known = counts.get(key);
  const current = known !== undefined && known.windowEndsAtMs > nowMs ? known : { count: 0, windowEndsAtMs };
  current.count += 1;
  if (current.count >= limit) {
    counts.delete(key);
    return true;
  }
  counts.set(key, current);
  return false;
}
