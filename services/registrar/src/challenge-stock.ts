import { type AuthCalls, type CallContext, GrpcCode, ServiceFault } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { compileNetworks, type NetworkTest } from './networks.ts';

/** What one 401 asks for (RFC 7616 §3.3). */
export interface Challenge {
  realm: string;
  nonce: string;
  opaque: string;
  algorithms: string[];
  stale: boolean;
  qop: string;
}

interface Lot {
  readonly nonces: readonly string[];
  next: number;
  readonly opaque: string;
  readonly algorithms: string[];
  readonly qop: string;
  readonly inNetworks: NetworkTest;
  readonly endsAtMs: number;
}

/** Fewest nonces asked for at a time: enough that auth hears of one challenge in many, few enough to be used while good. */
const smallestLot = 64;
/** Most of them; auth gives no more. */
const largestLot = 1000;
/** Domains with a lot here; served domains only, so this is a safety net. */
const mostDomains = 10_000;
/**
 * A lease serves all who wait for it, so it has the same time whoever asked first: as long as an edge waits for the answer
 * to a REGISTER, since a challenge is all that these need. Given up sooner, it would refuse all who wait at once.
 */
const leaseContext: CallContext = { timeoutMs: 900, traceparent: '' };
/** Rounds of leases that one request waits for, when more wait than a lot serves. */
const mostRounds = 5;

/** Challenges leased from auth ahead of need, for the 401s that the registrar itself owes. */
export class ChallengeStock {
  readonly #auth: Pick<AuthCalls, 'leaseChallenges'>;
  readonly #clock: Clock;
  readonly #lots = new Map<string, Lot>();
  readonly #refills = new Map<string, Promise<Lot | undefined>>();
  /** Challenges asked for since the last lease was, by domain: in a storm hundreds wait for the first one. */
  readonly #wanted = new Map<string, number>();

  constructor(options: { auth: Pick<AuthCalls, 'leaseChallenges'>; clock: Clock }) {
    this.#auth = options.auth;
    this.#clock = options.clock;
  }

  /**
   * A challenge with a nonce of its own; undefined where the domain is not served. A fault of auth is thrown when
   * nothing is in stock.
   */
  async take(domain: string, stale: boolean): Promise<Challenge | undefined> {
    let lot = this.#goodLot(domain);
    this.#wanted.set(domain, (this.#wanted.get(domain) ?? 0) + 1);
    for (let round = 0; lot === undefined; round += 1) {
      if (round === mostRounds) throw noNonces();
      if ((await this.#refill(domain)) === undefined) return undefined;
      lot = this.#goodLot(domain);
    }
    const nonce = lot.nonces[lot.next] ?? '';
    lot.next += 1;
    if (lot.next * 4 >= lot.nonces.length * 3) this.#refillAhead(domain);
    return { realm: domain, nonce, opaque: lot.opaque, algorithms: lot.algorithms, stale, qop: lot.qop };
  }

  /** True where somebody of the domain is accepted from this source without credentials. */
  async isTrustedSource(domain: string, source: string): Promise<boolean> {
    const lot = this.#goodLot(domain) ?? (await this.#refill(domain));
    return lot?.inNetworks(source) ?? false;
  }

  /** Everything leased so far is void: its keys, algorithms or networks may have changed. */
  clear(): void {
    this.#lots.clear();
  }

  #goodLot(domain: string): Lot | undefined {
    const lot = this.#lots.get(domain);
    if (lot === undefined) return undefined;
    if (lot.next < lot.nonces.length && this.#clock.nowMs() < lot.endsAtMs) return lot;
    this.#lots.delete(domain);
    return undefined;
  }

  #refillAhead(domain: string): void {
    // A refill ahead of need may fail in silence: the next request that finds no lot asks again and says so.
    this.#refill(domain).catch(() => undefined);
  }

  #refill(domain: string): Promise<Lot | undefined> {
    const under = this.#refills.get(domain);
    if (under !== undefined) return under;
    const refill = this.#lease(domain).finally(() => this.#refills.delete(domain));
    this.#refills.set(domain, refill);
    return refill;
  }

  async #lease(domain: string): Promise<Lot | undefined> {
    const wanted = this.#wanted.get(domain) ?? 0;
    this.#wanted.delete(domain);
    const count = Math.min(Math.max(smallestLot, wanted * 2), largestLot);
    const { lease } = await this.#auth.leaseChallenges({ domain, count }, leaseContext);
    if (lease === undefined) return undefined;
    // A domain that is served and has no nonce is not a domain that is not served.
    if (lease.nonces.length === 0) throw noNonces();
    const lot: Lot = {
      nonces: lease.nonces,
      next: 0,
      opaque: lease.opaque,
      algorithms: lease.algorithms,
      qop: lease.qop,
      inNetworks: compileNetworks(lease.networks),
      endsAtMs: this.#clock.nowMs() + lease.lifetimeMs,
    };
    if (this.#lots.size >= mostDomains && !this.#lots.has(domain)) this.#lots.clear();
    this.#lots.set(domain, lot);
    return lot;
  }
}

function noNonces(): ServiceFault {
  return new ServiceFault(
    GrpcCode.RESOURCE_EXHAUSTED,
    'NO_NONCES',
    'auth gives fewer nonces than are needed',
  );
}
