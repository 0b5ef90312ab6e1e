import { LRUCache } from 'lru-cache';
import type { Lockout } from './auth-store.ts';

/** Lock-outs in force that are kept; the least recently asked for is forgotten first. */
const maxLockouts = 10_000;

/** The lock-outs in force, as this replica knows them. */
export class LockoutTable {
  readonly #lockouts = new LRUCache<string, Lockout>({ max: maxLockouts });

  /** Adds one; false where it was known already. */
  add(lockout: Lockout): boolean {
    const key = keyOf(lockout.realm, lockout.username, lockout.source);
    if ((this.#lockouts.get(key)?.untilMs ?? 0) >= lockout.untilMs) return false;
    this.#lockouts.set(key, lockout);
    return true;
  }

  /** For how long the user is refused from the source, in milliseconds; 0 where it is not. */
  remainingMs(realm: string, username: string, source: string, nowMs: number): number {
    if (this.#lockouts.size === 0) return 0;
    const user = this.#lockouts.get(keyOf(realm, username, source))?.untilMs ?? 0;
    const all = this.#lockouts.get(keyOf('', '', source))?.untilMs ?? 0;
    return Math.max(0, user - nowMs, all - nowMs);
  }

  /** Those in force. */
  current(nowMs: number): Lockout[] {
    return [...this.#lockouts.values()].filter(({ untilMs }) => untilMs > nowMs);
  }
}

function keyOf(realm: string, username: string, source: string): string {
  return `${source}\n${realm}\n${username}`;
}
