import { type FeatureSet, haveCommonValue, readFeatures, splitParams } from './feature-set.ts';

/** Values of each header that are heeded: more are somebody's attempt to keep us busy. */
const mostValues = 20;

/** What one value of Accept-Contact or Reject-Contact asks for. */
interface Preference {
  readonly features: FeatureSet;
  /** What does not match is not wanted at all. */
  readonly require: boolean;
  /** Only what says of itself that it matches counts as matching. */
  readonly explicit: boolean;
}

/** What a caller would like (RFC 3841). */
export interface CallerPreferences {
  readonly accept: readonly Preference[];
  readonly reject: readonly Preference[];
  /** True where one contact is wanted, the best (Request-Disposition: no-fork). */
  readonly oneOnly: boolean;
}

/** The headers that say so, each value as received. */
export interface PreferenceHeaders {
  readonly acceptContact: readonly string[];
  readonly rejectContact: readonly string[];
  readonly requestDisposition: readonly string[];
}

/**
 * Reads a caller's preferences; undefined where it has none. Those that RFC 3841 §7.2.2 lets a proxy infer from the
 * method are not: a caller that does not say what it wants gets what was registered, as it was registered. The other
 * directives of Request-Disposition are about proxying, which a redirect server leaves to its caller.
 */
export function readPreferences(headers: PreferenceHeaders): CallerPreferences | undefined {
  const accept = headers.acceptContact.slice(0, mostValues).map(readPreference).filter(hasFeatures);
  const reject = headers.rejectContact.slice(0, mostValues).map(readPreference).filter(hasFeatures);
  const directives = new Set(headers.requestDisposition.map((each) => each.trim().toLowerCase()));
  // Who asks to be redirected wants to choose by itself: then no-fork is ignored (§9.1).
  const oneOnly = directives.has('no-fork') && !directives.has('redirect');
  return accept.length === 0 && reject.length === 0 && !oneOnly ? undefined : { accept, reject, oneOnly };
}

/** True where contacts are chosen by what they can do, so that a 302 says it by q (RFC 3841 §7.2.4). */
export function choosesByFeatures({ accept, reject }: CallerPreferences): boolean {
  return accept.length > 0 || reject.length > 0;
}

/**
 * How much a caller likes a contact with these features: 0 to 1; undefined where it does not want it at all (RFC 3841
 * §7.2.4). It is the mean of what the contact scores by each wish that it does not contradict: where it contradicts all,
 * it scores nothing. A contact that says nothing of itself is left alone, and is as good as any.
 */
export function scoreOf(features: FeatureSet, { accept, reject }: CallerPreferences): number | undefined {
  if (features.size === 0) return 1;
  if (reject.some((preference) => isRejected(features, preference))) return undefined;
  if (accept.length === 0) return 1;
  const scores: number[] = [];
  for (const preference of accept) {
    const score = scoreByOne(features, preference);
    const isContradicted = score === 'contradicted';
    const isMatch = !isContradicted && !(preference.explicit && score < 1);
    if (!isMatch && preference.require) return undefined;
    if (!isContradicted) scores.push(isMatch ? score : 0);
  }
  return scores.length === 0 ? 0 : scores.reduce((sum, each) => sum + each, 0) / scores.length;
}

function readPreference(value: string): Preference {
  const params = splitParams(value);
  const flags = new Set(params.filter(({ value: given }) => given === undefined).map(({ name }) => name));
  return { features: readFeatures(params), require: flags.has('require'), explicit: flags.has('explicit') };
}

function hasFeatures({ features }: Preference): boolean {
  return features.size > 0;
}

/** Only a contact that says something of every tag of the preference can be rejected by it. */
function isRejected(contact: FeatureSet, { features }: Preference): boolean {
  for (const [tag, wanted] of features) {
    const own = contact.get(tag);
    if (own === undefined || !haveCommonValue(own, wanted)) return false;
  }
  return true;
}

/** The share of the tags that the contact speaks of; silence about a tag contradicts nothing. */
function scoreByOne(contact: FeatureSet, { features }: Preference): number | 'contradicted' {
  let said = 0;
  for (const [tag, wanted] of features) {
    const own = contact.get(tag);
    if (own === undefined) continue;
    if (!haveCommonValue(own, wanted)) return 'contradicted';
    said += 1;
  }
  return said / features.size;
}
