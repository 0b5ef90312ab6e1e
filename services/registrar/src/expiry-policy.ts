/** How long bindings may live. Seconds; jitter in percent. */
export interface ExpiryPolicy {
  /** Granted where the phone names no expiry. */
  readonly defaultExpiresSec: number;
  /** Shorter requests get 423. */
  readonly minExpiresSec: number;
  /** Longer requests are shortened. */
  readonly maxExpiresSec: number;
  /** A granted expiry is shortened by up to this many percent, so that an avalanche of registrations thins out. */
  readonly jitterPercent: number;
}

/** RFC 3261 §10.3 step 7: a registrar may refuse an interval as too brief only below one hour. */
const neverTooBriefSec = 3600;

/**
 * The expiry asked for one contact: its expires parameter, else the Expires header, else the default (RFC 3261 §10.3
 * step 7). 0 asks for removal.
 */
export function requestedExpiry(
  parameterSec: number | undefined,
  headerSec: number | undefined,
  policy: ExpiryPolicy,
): number {
  return parameterSec ?? headerSec ?? policy.defaultExpiresSec;
}

/** True where the request must fail with 423. A removal (0) is never too brief. */
export function isTooBrief(requestedSec: number, policy: ExpiryPolicy): boolean {
  return requestedSec > 0 && requestedSec < policy.minExpiresSec && requestedSec < neverTooBriefSec;
}

/**
 * The lifetime granted: at most the maximum, shortened by jitter but not below the minimum (nor below what was asked,
 * where that was less). Never longer than asked: the phone would not know when to refresh.
 *
 * @param spread 0 to 1, from `spreadOf`.
 */
export function grantExpiry(requestedSec: number, policy: ExpiryPolicy, spread: number): number {
  const longest = Math.min(requestedSec, policy.maxExpiresSec);
  const floor = Math.min(longest, policy.minExpiresSec);
  const shortened = longest - Math.floor((longest * policy.jitterPercent * spread) / 100);
  return Math.max(shortened, floor);
}

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/**
 * A number from 0 up to 1 that depends on nothing but the request's identity: the replay of a REGISTER on another
 * replica grants the same lifetime (FNV-1a, which is short and spreads well enough for jitter).
 */
export function spreadOf(callId: string, cseq: number): number {
  let hash = fnvOffset;
  for (let at = 0; at < callId.length; at += 1) hash = Math.imul(hash ^ callId.charCodeAt(at), fnvPrime);
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((cseq >>> shift) & 0xff), fnvPrime);
  // The low bits of FNV-1a mix best after one more fold.
  hash ^= hash >>> 15;
  return (hash >>> 0) / 0x1_0000_0000;
}
