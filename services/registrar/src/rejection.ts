/** Why a REGISTER was not answered with 200, for metrics and logs: a closed set. */
export type RejectionReason =
  | 'auth_failed'
  | 'auth_unavailable'
  | 'bad_request'
  | 'conflict'
  | 'contact_forbidden'
  | 'cseq_out_of_order'
  | 'deadline'
  | 'extension_required'
  | 'first_hop_lacks_outbound'
  | 'forbidden'
  | 'internal'
  | 'interval_too_brief'
  | 'locked_out'
  | 'nonce_replayed'
  | 'overload'
  | 'push_unsupported'
  | 'store_unavailable'
  | 'too_many_contacts'
  | 'unknown_domain';

/** A final response other than 200 and 401: nothing was changed. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly reason: RejectionReason;
  readonly status: number;
  readonly reasonPhrase: string;
  /** For 423; 0 otherwise. */
  readonly minExpiresSec: number;
  /** For 420: the option tags as sent. */
  readonly unsupported: readonly string[];
  /** For 500 and 503; 0 for none. */
  readonly retryAfterSec: number;
}

/** Makes a rejection; what its status has no use for is 0 or empty. */
export function reject(
  status: number,
  reasonPhrase: string,
  reason: RejectionReason,
  extra: Partial<Pick<Rejection, 'minExpiresSec' | 'unsupported' | 'retryAfterSec'>> = {},
): Rejection {
  return {
    kind: 'rejected',
    reason,
    status,
    reasonPhrase,
    minExpiresSec: extra.minExpiresSec ?? 0,
    unsupported: extra.unsupported ?? [],
    retryAfterSec: extra.retryAfterSec ?? 0,
  };
}
