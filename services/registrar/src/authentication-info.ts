import type { PresentedCredentials } from '@rollcall/digest';
import type { SubscriberFacts } from './subscriber-watch.ts';

/** What the 200 to right credentials can tell of them in its Authentication-Info (RFC 7616 §3.5). */
export interface ResponseProof {
  readonly qop: string;
  readonly cnonce: string;
  readonly nc: string;
  readonly rspauth: string;
  /** When the nonce that was used ends, in milliseconds since 1970. */
  readonly nonceExpiresAtMs: number;
}

/** The proof for credentials that were right; undefined where rspauth is '': nothing was proved, or it is switched off. */
export function proofOf(
  { qop, cnonce, nc }: PresentedCredentials,
  rspauth: string,
  nonceExpiresAtMs: number,
): ResponseProof | undefined {
  return rspauth === '' ? undefined : { qop, cnonce, nc, rspauth, nonceExpiresAtMs };
}

/**
 * Says whether a new nonce saves the phone a round trip: its own will be over by the next refresh, and a new one will not.
 * A phone refreshes before what it was granted ends.
 *
 * @param grantedSec the shortest lifetime granted; 0 for none
 */
export function needsNextNonce(
  { nonceExpiresAtMs }: ResponseProof,
  grantedSec: number,
  { nonceLifetimeSec }: Pick<SubscriberFacts, 'nonceLifetimeSec'>,
  nowMs: number,
): boolean {
  if (grantedSec === 0 || grantedSec >= nonceLifetimeSec) return false;
  return nonceExpiresAtMs - nowMs < grantedSec * 1000;
}
