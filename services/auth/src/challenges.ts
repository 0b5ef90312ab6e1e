import { type ChallengePolicy, NonceMint } from '@rollcall/digest';
import type { Challenge, ChallengeLease } from '@rollcall/rpc';

/** The most nonces of one lot. */
const maxLot = 1000;

/**
 * For how long an edge may hand out nonces of a lot: short against their own lifetime, and the time after which a
 * change of the networks accepted without credentials has reached every edge.
 */
const maxLeaseLifetimeMs = 20_000;

/** Makes challenges: nonces of the first key under one policy. */
export class Challenges {
  #policy: ChallengePolicy;
  #mint: NonceMint;

  constructor(policy: ChallengePolicy) {
    this.#policy = policy;
    this.#mint = new NonceMint(policy.nonceKeys);
  }

  /** What holds now. */
  get policy(): ChallengePolicy {
    return this.#policy;
  }

  /** From now on the first of these keys signs, and all of them are good. */
  renewKeys(nonceKeys: readonly Uint8Array[]): void {
    this.#policy = { ...this.#policy, nonceKeys };
    this.#mint = new NonceMint(nonceKeys);
  }

  /** One challenge for a realm. */
  challenge(realm: string, stale: boolean, nowMs: number): Challenge {
    const { opaque, algorithms, qop } = this.policy;
    return { realm, nonce: this.#mint.mint(realm, nowMs), opaque, algorithms: [...algorithms], stale, qop };
  }

  /** A lot for an edge: as many nonces as wanted, at least one and at most 1,000. */
  lease(domain: string, count: number, networks: readonly string[], nowMs: number): ChallengeLease {
    const { opaque, algorithms, qop, nonceLifetimeSec } = this.policy;
    const nonces: string[] = [];
    for (let left = Math.min(Math.max(count, 1), maxLot); left > 0; left -= 1) {
      nonces.push(this.#mint.mint(domain, nowMs));
    }
    return {
      domain,
      nonces,
      opaque,
      algorithms: [...algorithms],
      qop,
      lifetimeMs: Math.min(maxLeaseLifetimeMs, nonceLifetimeSec * 250),
      networks: [...networks],
    };
  }
}
