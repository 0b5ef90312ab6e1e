import { GrpcCode, ServiceFault } from '@rollcall/rpc';

/** Why a request was not redirected, for metrics and logs: a closed set. */
export type RefusalReason =
  | 'bad_request'
  | 'unknown'
  | 'foreign_domain'
  | 'not_registered'
  | 'nothing_fits'
  | 'nothing_secure'
  | 'nothing_preferred'
  | 'blocked'
  | 'gone'
  | 'incomplete'
  | 'ambiguous'
  | 'unavailable'
  | 'overload'
  | 'deadline'
  | 'internal';

/** A final response other than 302. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly status: number;
  readonly reasonPhrase: string;
  /** Seconds; 0 for none. */
  readonly retryAfterSec: number;
  /** Value of the Warning header; empty for none. */
  readonly warning: string;
}

/** Makes a refusal. */
export function refuse(
  status: number,
  reasonPhrase: string,
  reason: RefusalReason,
  retryAfterSec = 0,
): Refusal {
  return { kind: 'refused', reason, status, reasonPhrase, retryAfterSec, warning: '' };
}

/**
 * Something is bound, and nothing of it keeps the promise of a sips Request-URI: 480 that says so (RFC 5630 §5.4).
 *
 * @param domain the domain called, by whose name the warning speaks
 */
export function refuseInsecure(domain: string): Refusal {
  const warning = `380 ${domain} "SIPS Not Allowed"`;
  return { ...refuse(480, 'Temporarily Unavailable', 'nothing_secure'), warning };
}

/** Callers that were refused together must not come back together. */
const retryAfterSec = 5;
const retrySpreadSec = 10;

/**
 * What becomes of a fault: 503 with a random Retry-After of 5 to 15 s. Never 404 or 480: a user that is registered does
 * not cease to be because a store is away.
 */
export function refuseFault(error: unknown, random: () => number): Refusal {
  const atLeastMs = error instanceof ServiceFault ? error.retryAfterMs : 0;
  const waitSec =
    Math.max(retryAfterSec, Math.ceil(atLeastMs / 1000)) + Math.floor(random() * (retrySpreadSec + 1));
  return refuse(503, 'Service Unavailable', reasonOf(error), waitSec);
}

function reasonOf(error: unknown): RefusalReason {
  if (!(error instanceof ServiceFault)) return 'internal';
  if (error.code === GrpcCode.DEADLINE_EXCEEDED) return 'deadline';
  return error.code === GrpcCode.RESOURCE_EXHAUSTED ? 'overload' : 'unavailable';
}
