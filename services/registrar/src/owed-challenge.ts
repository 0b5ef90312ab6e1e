import type { ChallengeOwed } from './authentication.ts';
import type { Challenge, ChallengeStock } from './challenge-stock.ts';
import { type Rejection, reject } from './rejection.ts';

/** A 401 with its challenge. */
export interface Challenged {
  readonly kind: 'challenged';
  readonly challenge: Challenge;
  readonly reason: ChallengeOwed['reason'];
}

/** A digest that was right, with a nonce count that was used before. */
export const replayed: ChallengeOwed = {
  kind: 'challenge-owed',
  reason: 'nonce_replayed',
  challenge: undefined,
};

/** Makes the 401 that is owed. A fault of auth is thrown where no challenge is in stock. */
export async function payChallenge(
  domain: string,
  owed: ChallengeOwed,
  challenges: Pick<ChallengeStock, 'take'>,
): Promise<Challenged | Rejection> {
  // stale says that the answer itself was right (RFC 7616 §3.3): the phone may answer again by itself.
  const stale = owed.reason === 'stale' || owed.reason === 'nonce_replayed';
  const challenge = owed.challenge ?? (await challenges.take(domain, stale));
  return challenge === undefined
    ? reject(404, 'Domain Not Served', 'unknown_domain')
    : { kind: 'challenged', challenge, reason: owed.reason };
}
