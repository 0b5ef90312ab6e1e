import { computeHa1, type DigestAlgorithm, type StoredHa1 } from '@rollcall/digest';
import { canonicalAor, parseUri } from '@rollcall/sip';

/**
 * What the operator says of a subscriber. blocked: neither registers nor is called, for a while. gone: the same for good.
 * moved: registers as ever, and callers are told the new address. ambiguous: a name that could mean several people, and
 * is nobody's.
 */
export type SubscriberState = 'active' | 'blocked' | 'gone' | 'moved' | 'ambiguous';

/** A user of a served domain. Texts are byte strings; passwords are not among them. */
export interface Subscriber {
  /** The user name as its source gives it. */
  readonly username: string;
  /** The domain in lower case; also the realm. */
  readonly domain: string;
  /** Canonical AORs that it may register; the first is its own. */
  readonly aors: readonly string[];
  /** Canonical AORs of others that may watch its registrations (RFC 3680). */
  readonly watchers: readonly string[];
  /** Its E.164 numbers, with "+". */
  readonly numbers: readonly string[];
  /** Source networks (CIDR) that it is accepted from; empty for any. */
  readonly networks: readonly string[];
  /**
   * HA1 under each name by which it may authenticate: HA1 hashes the name as sent, so "alice" and "alice@example.com"
   * have different ones. Empty for a subscriber that is accepted by its network alone.
   */
  readonly credentials: ReadonlyMap<string, readonly StoredHa1[]>;
  readonly state: SubscriberState;
  /** The URI to which a moved subscriber's callers are sent; empty for the others. */
  readonly movedTo: string;
}

/** What a source says of a subscriber, already in its right form. */
export interface SubscriberEntry {
  readonly username: string;
  readonly domain: string;
  /** Hashed at once and forgotten. */
  readonly password?: string;
  readonly ha1?: readonly StoredHa1[];
  readonly numbers?: readonly string[];
  readonly networks?: readonly string[];
  /** Further AORs that it may register, canonical. */
  readonly aors?: readonly string[];
  /** AORs that may watch its registrations, canonical. */
  readonly watchers?: readonly string[];
  readonly state?: SubscriberState;
  readonly movedTo?: string;
}

/** Makes a subscriber; HA1 is computed for the algorithms given. */
export function makeSubscriber(entry: SubscriberEntry, algorithms: readonly DigestAlgorithm[]): Subscriber {
  const { username, domain, password, ha1 } = entry;
  const user = userOf(username, domain);
  const own = ownAor(user, domain);
  const credentials = new Map<string, readonly StoredHa1[]>();
  if (password !== undefined) {
    for (const name of [user, `${user}@${domain}`]) {
      const hashes = algorithms.map((algorithm) => ({
        algorithm,
        hash: computeHa1(algorithm, name, domain, password),
      }));
      credentials.set(name, hashes);
    }
  } else if (ha1 !== undefined) {
    credentials.set(username, ha1);
  }
  return {
    username,
    domain,
    aors: [own, ...(entry.aors ?? []).filter((aor) => aor !== own)],
    watchers: entry.watchers ?? [],
    numbers: entry.numbers ?? [],
    networks: entry.networks ?? [],
    credentials,
    state: entry.state ?? 'active',
    movedTo: entry.movedTo ?? '',
  };
}

/** The user part of a user name, which may be given as "user" or as "user@domain". */
export function userOf(username: string, domain: string): string {
  const at = username.length - domain.length - 1;
  return at > 0 && username.charAt(at) === '@' && username.endsWith(domain)
    ? username.slice(0, at)
    : username;
}

/** The forms under which a name may be known or stored: as it stands, as the user alone, and with the domain. */
export function formsOfName(name: string, domain: string): string[] {
  const user = userOf(name, domain);
  return [...new Set([name, user, `${user}@${domain}`])];
}

/** True where a request from one of the subscriber's networks needs no credentials. */
export function isTrustedByNetwork(subscriber: Subscriber): boolean {
  return subscriber.credentials.size === 0 && subscriber.networks.length > 0;
}

/** True where the subscriber may register: its own AOR and others. */
export function mayRegister({ state }: Subscriber): boolean {
  return state === 'active' || state === 'moved';
}

/** The canonical AOR of a user name, which may hold any bytes. */
export function ownAor(user: string, domain: string): string {
  let escaped = '';
  for (let i = 0; i < user.length; i += 1) {
    const code = user.charCodeAt(i);
    const plain = (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
    escaped += plain ? user.charAt(i) : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  const uri = parseUri(`sip:${escaped}@${domain}`);
  if (uri.kind !== 'sip') throw new RangeError(`no AOR in domain ${domain}`);
  return canonicalAor(uri);
}
