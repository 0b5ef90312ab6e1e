import type { Clock } from '@rollcall/runtime';

/** Most lock-outs kept; beyond it the oldest is forgotten, and auth goes on refusing it in its answers. */
const capacity = 10_000;

/** Who is locked out from where, as auth last said (brute force, RFC 3261 §26.3.2.4). Bounded; entries end by themselves. */
export class LockoutTable {
  readonly #clock: Clock;
  readonly #endsAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a lock-out from now on; `durationMs` 0 ends it. Realm and username empty: the whole source. */
  set(realm: string, username: string, source: string, durationMs: number): void {
    const key = keyOf(realm, username, source);
    this.#endsAtMs.delete(key);
    if (durationMs <= 0) return;
    if (this.#endsAtMs.size >= capacity) {
      const oldest = this.#endsAtMs.keys().next();
      if (oldest.done !== true) this.#endsAtMs.delete(oldest.value);
    }
    this.#endsAtMs.set(key, this.#clock.nowMs() + durationMs);
  }

  /** True while the user, or everybody, is refused from the source. */
  holds(realm: string, username: string, source: string): boolean {
    // Nobody is locked out on an ordinary day: no key is built then.
    if (this.#endsAtMs.size === 0) return false;
    return this.#lasts(keyOf(realm, username, source)) || this.#lasts(keyOf('', '', source));
  }

  #lasts(key: string): boolean {
    const endsAtMs = this.#endsAtMs.get(key);
    if (endsAtMs === undefined) return false;
    if (endsAtMs > this.#clock.nowMs()) return true;
    this.#endsAtMs.delete(key);
    return false;
  }
}

function keyOf(realm: string, username: string, source: string): string {
  return `${source}\n${realm}\n${username}`;
}
