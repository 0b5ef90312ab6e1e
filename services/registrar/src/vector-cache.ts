import { randomBytes } from 'node:crypto';
import { digestAlgorithms, type StoredHa1 } from '@rollcall/digest';
import { type AuthCalls, type CallContext, longestQuestionMs } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { LRUCache } from 'lru-cache';
import { compileNetworks, type NetworkTest } from './networks.ts';

/** What auth gives out to authenticate one user (3GPP's Cx calls it an authentication vector). */
export interface Vector {
  readonly ha1: readonly StoredHa1[];
  readonly aors: readonly string[];
  readonly numbers: readonly string[];
  /** Where the user must come from; undefined for anywhere. */
  readonly inNetworks: NetworkTest | undefined;
  /** True where coming from one of the networks is enough, without credentials. */
  readonly networkSuffices: boolean;
  /** True where nonce counts are kept by auth, not in the AOR's record. */
  readonly sharedNonces: boolean;
  readonly fetchedAtMs: number;
  /** Not to be used without asking again from here on. */
  readonly freshUntilMs: number;
}

/**
 * Vectors of nobody, so many that they are no nearer in the processor's caches than those of users: one that is always at
 * hand would be judged some microseconds sooner.
 */
const standIns = 1024;

/** Whose vector is wanted. */
export interface VectorWanted {
  readonly realm: string;
  readonly username: string;
  readonly userhash: boolean;
  readonly algorithm: string;
}

interface Fetch {
  readonly vector: Promise<Vector>;
  /** True once auth has said that the answer under way may be out of date. */
  outdated: boolean;
}

/**
 * Vectors of users that have authenticated here, bounded. Only a vector that has proved right is kept, so that an
 * attacker's invented names push nobody out. Those asked for by a hashed name are not kept: invalidations say plain
 * names.
 */
export class VectorCache {
  readonly #auth: Pick<AuthCalls, 'getVector'>;
  readonly #clock: Clock;
  readonly #kept: LRUCache<string, Vector>;
  readonly #standIns: readonly Vector[] = Array.from({ length: standIns }, makeStandIn);
  /** Questions under way, so that a user's burst of requests asks once. */
  readonly #fetches = new Map<string, Fetch>();

  constructor(options: { auth: Pick<AuthCalls, 'getVector'>; clock: Clock; size: number }) {
    this.#auth = options.auth;
    this.#clock = options.clock;
    this.#kept = new LRUCache({ max: options.size });
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * The kept vector, however old: the caller looks at its times. It counts as used only once `use` says so: what is done
   * for a name must not depend on whether it is kept.
   */
  get(wanted: VectorWanted): Vector | undefined {
    return wanted.userhash ? undefined : this.#kept.peek(keyOf(wanted.realm, wanted.username));
  }

  /** Says that the kept vector was right: those that are not for longest make room. */
  use({ realm, username }: VectorWanted): void {
    this.#kept.get(keyOf(realm, username));
  }

  /** For a name whose vector is not kept, one to be judged in its place: no digest is right for it. */
  standIn({ username }: VectorWanted): Vector {
    let sum = 0;
    for (let at = 0; at < username.length; at += 1) sum = Math.imul(sum, 31) + username.charCodeAt(at);
    return this.#standIns[(sum >>> 0) % standIns] as Vector;
  }

  /**
   * Asks auth. A fault of auth is thrown. A question under way is joined, so all of them have the same time. `keep` is
   * to be called once the vector has proved right.
   */
  async fetch(wanted: VectorWanted, traceparent: string): Promise<{ vector: Vector; keep(): void }> {
    const context: CallContext = { timeoutMs: longestQuestionMs, traceparent };
    if (wanted.userhash) return { vector: await this.#ask({ ...wanted, aor: '' }, context), keep: nothing };
    const key = keyOf(wanted.realm, wanted.username);
    let fetch = this.#fetches.get(key);
    if (fetch === undefined) {
      fetch = { vector: this.#ask({ ...wanted, aor: '' }, context), outdated: false };
      this.#fetches.set(key, fetch);
    }
    const under = fetch;
    try {
      const vector = await under.vector;
      return {
        vector,
        keep: () => {
          // A lifetime of 0 says that no invalidation would name it.
          if (!under.outdated && vector.freshUntilMs > vector.fetchedAtMs) this.#kept.set(key, vector);
        },
      };
    } finally {
      if (this.#fetches.get(key) === under) this.#fetches.delete(key);
    }
  }

  /** Asks for the subscriber that may register an AOR, for a request without credentials. Not kept. */
  fetchForAor(realm: string, aor: string, context: CallContext): Promise<Vector> {
    return this.#ask({ realm, username: '', userhash: false, algorithm: '', aor }, context);
  }

  /** Forgets users, under each name they may have given; nobody named means everybody. */
  drop(subscribers: readonly { readonly realm: string; readonly username: string }[]): void {
    if (subscribers.length === 0) {
      this.#kept.clear();
      for (const fetch of this.#fetches.values()) fetch.outdated = true;
      this.#fetches.clear();
      return;
    }
    for (const { realm, username } of subscribers) {
      this.#dropKey(keyOf(realm, username));
      // Phones may give "alice@example.com" for alice of example.com.
      this.#dropKey(keyOf(realm, `${username}@${realm}`));
    }
  }

  #dropKey(key: string): void {
    this.#kept.delete(key);
    const fetch = this.#fetches.get(key);
    if (fetch === undefined) return;
    fetch.outdated = true;
    this.#fetches.delete(key);
  }

  async #ask(question: VectorWanted & { aor: string }, context: CallContext): Promise<Vector> {
    const { vector } = await this.#auth.getVector({ ...question }, context);
    const nowMs = this.#clock.nowMs();
    const networks = vector?.networks ?? [];
    return {
      ha1: vector?.ha1 ?? [],
      aors: vector?.aors ?? [],
      numbers: vector?.numbers ?? [],
      inNetworks: networks.length === 0 ? undefined : compileNetworks(networks),
      networkSuffices: vector?.networkSuffices ?? false,
      sharedNonces: vector?.sharedNonces ?? false,
      fetchedAtMs: nowMs,
      freshUntilMs: nowMs + (vector?.lifetimeMs ?? 0),
    };
  }
}

function makeStandIn(): Vector {
  return {
    ha1: digestAlgorithms.map((algorithm) => ({
      algorithm,
      hash: randomBytes(algorithm === 'MD5' ? 16 : 32).toString('hex'),
    })),
    aors: [],
    numbers: [],
    inNetworks: undefined,
    networkSuffices: false,
    sharedNonces: false,
    fetchedAtMs: 0,
    freshUntilMs: 0,
  };
}

function nothing(): void {
  // A vector under a hashed name is not kept.
}

function keyOf(realm: string, username: string): string {
  return `${realm}\n${username}`;
}
