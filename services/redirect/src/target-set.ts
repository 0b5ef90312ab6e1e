import { sameUri, withoutPushContactParameters, withoutPushParameters } from '@rollcall/sip';
import { type CallerPreferences, choosesByFeatures, scoreOf } from './caller-preferences.ts';
import { withRoute } from './contact-uri.ts';
import { isFeatureTag, readFeatures, splitParams } from './feature-set.ts';

/** A binding, as far as it decides where callers are sent (the Binding of the contract has these). */
export interface BoundContact {
  readonly uri: string;
  readonly params: string;
  readonly expiresSec: number;
  readonly qMilli?: number | undefined;
  readonly instanceId: string;
  readonly path: readonly string[];
  readonly registeredAtMs: number;
  /** Names the temporary GRUUs of its instance that are good (RFC 5627 §5.1); undefined for none. */
  readonly gruuEpochMs?: number | undefined;
  /** The number by which its AOR was named when it was registered; undefined where it was named as itself. */
  readonly number?: string | undefined;
}

/** One contact of a 302. */
export interface RedirectTarget {
  uri: string;
  qMilli: number | undefined;
  expiresSec: number;
  params: string;
}

/** What the caller asked for. */
export interface TargetsWanted {
  readonly requestUri: string;
  /** Only sips: targets. */
  readonly secure: boolean;
  /** What the caller would like (RFC 3841); undefined for nothing in particular. */
  readonly preferences: CallerPreferences | undefined;
}

/** The target set, or why it is empty though something is bound. */
export type TargetSet =
  | { readonly kind: 'targets'; readonly targets: RedirectTarget[] }
  /** Only what leads back to the request itself: 404. */
  | { readonly kind: 'nothing-fits' }
  /** Something is bound, but nothing that keeps the promise of sips: 480. */
  | { readonly kind: 'nothing-secure' }
  /** Something is bound, but nothing that the caller wants: 480. */
  | { readonly kind: 'nothing-preferred' };

/** A phone that gives no q is as good as any (the default of q is 1 in the products that define one). */
const defaultQMilli = 1000;

/**
 * The contacts that a caller is sent to: highest q first, then the most recently registered; of an instance only its
 * most recent flow (RFC 5626 §7); never the Request-URI itself (RFC 3261 §8.3).
 */
export function buildTargetSet(bindings: readonly BoundContact[], wanted: TargetsWanted): TargetSet {
  const live = newestOfEachInstance(bindings.filter((binding) => binding.expiresSec > 0));
  const elsewhere = live.filter((binding) => !sameUri(binding.uri, wanted.requestUri));
  if (elsewhere.length === 0) return { kind: 'nothing-fits' };
  const safe = wanted.secure ? elsewhere.filter(isSecure) : elsewhere;
  if (safe.length === 0) return { kind: 'nothing-secure' };
  if (wanted.preferences === undefined) {
    return { kind: 'targets', targets: safe.sort(byPreference).map(toTarget) };
  }
  const targets = chooseByPreferences(safe, wanted.preferences);
  return targets.length === 0 ? { kind: 'nothing-preferred' } : { kind: 'targets', targets };
}

/**
 * RFC 3841 §7.2.4: what the callee prefers comes first, and among equals what the caller does. Where features decided,
 * the order is told by q, and the features themselves are left out: they are the callee's business.
 */
function chooseByPreferences(
  bindings: readonly BoundContact[],
  preferences: CallerPreferences,
): RedirectTarget[] {
  const wanted: { readonly binding: BoundContact; readonly score: number }[] = [];
  for (const binding of bindings) {
    const score = scoreOf(readFeatures(splitParams(binding.params)), preferences);
    if (score !== undefined) wanted.push({ binding, score });
  }
  wanted.sort(
    (one, other) =>
      qOf(other.binding) - qOf(one.binding) ||
      other.score - one.score ||
      byPreference(one.binding, other.binding),
  );
  const chosen = preferences.oneOnly ? wanted.slice(0, 1) : wanted;
  if (!choosesByFeatures(preferences)) return chosen.map(({ binding }) => toTarget(binding));
  const ranks = [...new Set(chosen.map(({ binding, score }) => `${qOf(binding)} ${score}`))];
  return chosen.map(({ binding, score }) => ({
    ...toTarget(binding),
    qMilli: qOfRank(ranks.indexOf(`${qOf(binding)} ${score}`), ranks.length),
    params: withoutFeatures(binding.params),
  }));
}

function withoutFeatures(params: string): string {
  const others = splitParams(params).filter(({ name }) => !isFeatureTag(name));
  return withoutPushContactParameters(others.map(({ text }) => text).join(''));
}

/** From 1 down in equal steps, and never 0, which would say "not at all". */
function qOfRank(rank: number, ranks: number): number {
  return Math.round(((ranks - rank) / ranks) * 1000);
}

function qOf({ qMilli }: BoundContact): number {
  return qMilli ?? defaultQMilli;
}

function newestOfEachInstance(bindings: readonly BoundContact[]): BoundContact[] {
  const newest = new Map<string, BoundContact>();
  for (const binding of bindings) {
    if (binding.instanceId === '') continue;
    const key = binding.instanceId.toLowerCase();
    const known = newest.get(key);
    if (known === undefined || binding.registeredAtMs >= known.registeredAtMs) newest.set(key, binding);
  }
  return bindings.filter(
    (binding) => binding.instanceId === '' || newest.get(binding.instanceId.toLowerCase()) === binding,
  );
}

function isSecure(binding: BoundContact): boolean {
  return binding.uri.slice(0, 5).toLowerCase() === 'sips:';
}

function isSip(uri: string): boolean {
  const scheme = uri.slice(0, 5).toLowerCase();
  return scheme === 'sips:' || scheme.startsWith('sip:');
}

function byPreference(one: BoundContact, other: BoundContact): number {
  const byQ = qOf(other) - qOf(one);
  return byQ !== 0 ? byQ : other.registeredAtMs - one.registeredAtMs;
}

function toTarget(binding: BoundContact): RedirectTarget {
  const uri = isSip(binding.uri) ? withoutPushParameters(binding.uri) : binding.uri;
  return {
    uri: binding.path.length > 0 && isSip(uri) ? withRoute(uri, binding.path) : uri,
    qMilli: binding.qMilli,
    expiresSec: binding.expiresSec,
    params: withoutPushContactParameters(binding.params),
  };
}
