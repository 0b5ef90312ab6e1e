import type { ChallengeLeases } from './challenge-leases.ts';
import type { Exchange } from './exchange.ts';
import { RecentChallenges } from './recent-challenges.ts';

/**
 * Challenges requests without credentials from a lease.
 *
 * It takes no transaction (RFC 3261 section 8.2.7): a flood of such requests leaves no state behind that could grow, and
 * an avalanche of phones costs a third less. A repetition gets the same 401 as long as that is remembered.
 */
export class FirstChallenge {
  readonly #leases: ChallengeLeases;
  readonly #recent: RecentChallenges;

  constructor(leases: ChallengeLeases, random: () => number) {
    this.#leases = leases;
    this.#recent = new RecentChallenges(random);
  }

  /** Answers 401; false for a request with credentials, and where no lease covers the domain: the registrar must see it. */
  answer(exchange: Exchange, domain: string): boolean {
    if (exchange.request.row('authorization') !== undefined) return false;
    const { toTag, receivedAtMs, reliable } = exchange;
    // Over a stream nothing is repeated: the same bytes again are a new request (Timer J is 0).
    let rows = reliable ? undefined : this.#recent.find(toTag, receivedAtMs);
    if (rows === undefined) {
      rows = this.#leases.take(domain, exchange.flow.remote.host);
      if (rows === undefined) return false;
      if (!reliable) this.#recent.keep(toTag, rows, receivedAtMs);
    }
    exchange.reply(401, rows);
    return true;
  }

  /**
   * The registrar's own challenge. From now on a lease may cover the domain, and a repetition of this request is then
   * answered without looking for its transaction: it must get this 401, and no other (RFC 3261 section 17.2.2).
   */
  passOn(exchange: Exchange, rows: string): void {
    const { request, toTag, receivedAtMs, reliable } = exchange;
    if (!reliable && request.row('authorization') === undefined) this.#recent.keep(toTag, rows, receivedAtMs);
    exchange.reply(401, rows);
  }
}
