import type { Challenge, Rejected } from '@rollcall/rpc';
import { formatDigestChallenge } from '@rollcall/sip';

/** The WWW-Authenticate rows of a 401: one for each algorithm (RFC 8760 section 2.3). */
export function challengeRows(challenge: Challenge): string {
  const { realm, nonce, opaque, qop, stale } = challenge;
  return challenge.algorithms
    .map(
      (algorithm) =>
        `WWW-Authenticate: ${formatDigestChallenge({ realm, nonce, opaque, algorithm, qop, stale })}\r\n`,
    )
    .join('');
}

/** What a refusal says beside its status. */
export function rejectedRows(rejected: Rejected): string {
  let rows = '';
  if (rejected.minExpiresSec > 0) rows += `Min-Expires: ${rejected.minExpiresSec}\r\n`;
  if (rejected.unsupported.length > 0) rows += `Unsupported: ${rejected.unsupported.join(', ')}\r\n`;
  if (rejected.retryAfterSec > 0) rows += `Retry-After: ${rejected.retryAfterSec}\r\n`;
  return rows;
}
