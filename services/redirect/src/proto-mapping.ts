import type { ResolveResponse } from '@rollcall/rpc';
import type { Refusal } from './refusal.ts';
import type { RedirectTarget } from './target-set.ts';

/** What a request came to, before it is put into the words of the contract. */
export type ResolveOutcome =
  | {
      readonly kind: 'redirected';
      readonly targets: RedirectTarget[];
      /** True where whoever was called has moved for good: 301. */
      readonly permanent: boolean;
    }
  | Refusal;

export function toResolveResponse(outcome: ResolveOutcome): ResolveResponse {
  if (outcome.kind === 'redirected')
    return {
      outcome: { $case: 'redirected', value: { targets: outcome.targets, permanent: outcome.permanent } },
    };
  const { status, reasonPhrase, retryAfterSec, warning } = outcome;
  return { outcome: { $case: 'refused', value: { status, reasonPhrase, retryAfterSec, warning } } };
}
