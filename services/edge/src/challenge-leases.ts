import type { Call, ChallengeLease, LeaseChallengesRequest, LeaseChallengesResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { formatDigestChallenge } from '@rollcall/sip';
import { type NetworkTest, readNetwork, testNetworks } from './networks.ts';

/** Smallest and largest lot asked for: one idle phone an hour, or thousands a second. Auth gives no more at once. */
const smallestLot = 16;
const largestLot = 1000;
/** Served domains that this edge keeps lots for; the one learnt first goes first. */
const mostDomains = 10_000;
/** A lease that cannot be had is asked for again after this long. */
const retryAfterMs = 250;
const leaseTimeoutMs = 900;

/** The nonces of one domain and what each challenge says around them. */
interface Lot {
  readonly nonces: readonly string[];
  next: number;
  readonly goodUntilMs: number;
  readonly receivedAtMs: number;
  /** One pair for each algorithm: the WWW-Authenticate row up to the nonce, and from it on. */
  readonly rows: readonly (readonly [string, string])[];
  /** Whether a source is accepted without credentials; undefined where none is. */
  readonly isTrusted: NetworkTest | undefined;
}

interface Domain {
  lot: Lot | undefined;
  /** The next lot, which came while this one has nonces left. */
  spare: Lot | undefined;
  /** Challenges asked for since the last lot was, also those that the registrar had to give. */
  wanted: number;
  askedAtMs: number;
  /** No lease is asked for before this instant. */
  notBeforeMs: number;
  asking: boolean;
}

/**
 * Challenges that auth handed out in advance, so that a first REGISTER is answered without a hop (design: an avalanche
 * of first REGISTERs costs nothing behind the edge). The edge holds no nonce key: only nonces, each used once.
 */
export class ChallengeLeases {
  readonly #domains = new Map<string, Domain>();
  readonly #lease: Call<LeaseChallengesRequest, LeaseChallengesResponse>;
  readonly #clock: Clock;

  constructor(parts: { lease: Call<LeaseChallengesRequest, LeaseChallengesResponse>; clock: Clock }) {
    this.#lease = parts.lease;
    this.#clock = parts.clock;
  }

  /**
   * The WWW-Authenticate rows of a fresh challenge, or undefined where the registrar must answer: no lease covers the
   * domain (yet), or the source may be one that IP authentication admits.
   */
  take(domainName: string, source: string): string | undefined {
    const domain = this.#domains.get(domainName);
    if (domain === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    const lot = goodLot(domain, nowMs);
    if (lot?.isTrusted?.(source)) return undefined;
    domain.wanted += 1;
    if (lot === undefined) {
      this.#ask(domainName, domain, nowMs);
      return undefined;
    }
    const nonce = lot.nonces[lot.next++] as string;
    if (isHalfUsed(lot, nowMs) && domain.spare === undefined) this.#ask(domainName, domain, nowMs);
    let rows = '';
    for (const [before, after] of lot.rows) rows += before + nonce + after;
    return rows;
  }

  /** The registrar has challenged for this domain, so it is served: keep lots of it from now on. */
  learn(domainName: string): void {
    if (this.#domains.has(domainName)) return;
    if (this.#domains.size >= mostDomains) {
      const oldest = this.#domains.keys().next().value;
      if (oldest !== undefined) this.#domains.delete(oldest);
    }
    const nowMs = this.#clock.nowMs();
    const domain: Domain = {
      lot: undefined,
      spare: undefined,
      wanted: 0,
      askedAtMs: nowMs,
      notBeforeMs: 0,
      asking: false,
    };
    this.#domains.set(domainName, domain);
    this.#ask(domainName, domain, nowMs);
  }

  #ask(name: string, domain: Domain, nowMs: number): void {
    if (domain.asking || nowMs < domain.notBeforeMs) return;
    domain.asking = true;
    void this.#refill(name, domain);
  }

  /** Asks for the next lot. Never rejects: without a lease the registrar answers, at the cost of a hop. */
  async #refill(name: string, domain: Domain): Promise<void> {
    const askedAtMs = this.#clock.nowMs();
    const count = nextSize(domain, askedAtMs);
    domain.wanted = 0;
    domain.askedAtMs = askedAtMs;
    try {
      const { lease } = await this.#lease(
        { domain: name, count },
        { timeoutMs: leaseTimeoutMs, traceparent: '' },
      );
      if (lease === undefined) this.#domains.delete(name);
      else if (lease.nonces.length > 0) keepLot(domain, openLot(lease, askedAtMs), this.#clock.nowMs());
      else domain.notBeforeMs = this.#clock.nowMs() + retryAfterMs;
    } catch {
      domain.notBeforeMs = this.#clock.nowMs() + retryAfterMs;
    } finally {
      domain.asking = false;
    }
  }
}

/** The lot that challenges are taken from now; undefined where there is none with a nonce that is still good. */
function goodLot(domain: Domain, nowMs: number): Lot | undefined {
  if (isGood(domain.lot, nowMs)) return domain.lot;
  domain.lot = isGood(domain.spare, nowMs) ? domain.spare : undefined;
  domain.spare = undefined;
  return domain.lot;
}

/** What is left of a lot is used before the next one. */
function keepLot(domain: Domain, lot: Lot, nowMs: number): void {
  if (goodLot(domain, nowMs) === undefined) domain.lot = lot;
  else domain.spare = lot;
}

function isGood(lot: Lot | undefined, nowMs: number): boolean {
  return lot !== undefined && nowMs < lot.goodUntilMs && lot.next < lot.nonces.length;
}

function isHalfUsed(lot: Lot, nowMs: number): boolean {
  return lot.next * 2 > lot.nonces.length || nowMs * 2 > lot.goodUntilMs + lot.receivedAtMs;
}

/** As many as a quarter of a lot's life takes at the present rate, and no more than twice what was wanted since the last. */
function nextSize({ wanted, askedAtMs, lot }: Domain, nowMs: number): number {
  const lifeMs = lot === undefined ? 0 : lot.goodUntilMs - lot.receivedAtMs;
  const perQuarter = lifeMs === 0 ? wanted * 2 : (wanted * lifeMs) / 4 / Math.max(1, nowMs - askedAtMs);
  return Math.max(smallestLot, Math.min(Math.ceil(perQuarter), wanted * 2, largestLot));
}

const marker = 'NONCE-GOES-HERE';

/** Everything of the rows but the nonce is the same for a whole lot, so it is written once. */
function openLot(lease: ChallengeLease, receivedAtMs: number): Lot {
  const rows = lease.algorithms.map((algorithm) => {
    const row = formatDigestChallenge({
      realm: lease.domain,
      nonce: marker,
      opaque: lease.opaque,
      algorithm,
      qop: lease.qop,
      stale: false,
    });
    const at = row.indexOf(marker);
    return [`WWW-Authenticate: ${row.slice(0, at)}`, `${row.slice(at + marker.length)}\r\n`] as const;
  });
  return {
    nonces: lease.nonces,
    next: 0,
    receivedAtMs,
    goodUntilMs: receivedAtMs + lease.lifetimeMs,
    rows,
    isTrusted:
      lease.networks.length === 0
        ? undefined
        : testNetworks(lease.networks.flatMap((each) => readNetwork(each) ?? [])),
  };
}
