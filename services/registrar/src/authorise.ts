/** What an authenticated identity may register. */
export interface Identity {
  /** Canonical AORs; the first is its own. */
  readonly aors: readonly string[];
  /** E.164 numbers with "+": other names of its own AOR. */
  readonly numbers: readonly string[];
}

/** Host of a canonical AOR; empty where it is not "sip:user@host". */
export function domainOfAor(aor: string): string {
  const at = aor.lastIndexOf('@');
  return at > 'sip:'.length && aor.startsWith('sip:') ? aor.slice(at + 1) : '';
}

/** User part of a canonical AOR; empty where it is not "sip:user@host". */
export function userOfAor(aor: string): string {
  const at = aor.lastIndexOf('@');
  return at > 'sip:'.length && aor.startsWith('sip:') ? aor.slice('sip:'.length, at) : '';
}

/**
 * The AOR under which an identity's bindings are kept when it registers `aor`; undefined where it may not (403).
 * A number is another name of its subscriber's own AOR, which is where a look-up of the number ends as well; one
 * record for both also means that no credentials can be replayed from one name to the other.
 */
export function authoriseAor(identity: Identity, aor: string): string | undefined {
  if (identity.aors.includes(aor)) return aor;
  const own = identity.aors[0];
  if (own === undefined || identity.numbers.length === 0) return undefined;
  return domainOfAor(aor) === domainOfAor(own) && identity.numbers.includes(userOfAor(aor)) ? own : undefined;
}
