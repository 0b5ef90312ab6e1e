/** What a watcher that does not say gets: somewhat longer than registrations live (RFC 3680 §4.4). */
const defaultSec = 3761;

/** Below an hour a notifier may call a duration too brief (RFC 6665 §4.2.1.1). */
const neverTooBriefSec = 3600;

/** How long subscriptions may last. */
export interface SubscriptionPolicy {
  readonly subscriptionMinSec: number;
  readonly subscriptionMaxSec: number;
}

/** The duration granted, or that the one asked for is too brief. */
export type GrantedDuration = { readonly expiresSec: number } | { readonly minExpiresSec: number };

/** @param askedSec the Expires header; 0 to end the subscription, or for one look */
export function grantDuration(askedSec: number | undefined, policy: SubscriptionPolicy): GrantedDuration {
  const { subscriptionMinSec, subscriptionMaxSec } = policy;
  if (askedSec === 0) return { expiresSec: 0 };
  const wantedSec = askedSec ?? defaultSec;
  if (wantedSec < subscriptionMinSec && wantedSec < neverTooBriefSec)
    return { minExpiresSec: subscriptionMinSec };
  // A duration may be shortened, and not lengthened.
  return { expiresSec: Math.min(wantedSec, subscriptionMaxSec) };
}
