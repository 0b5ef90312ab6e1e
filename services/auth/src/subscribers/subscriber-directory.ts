import { type DigestAlgorithm, hashUsername } from '@rollcall/digest';
import { isTrustedByNetwork, type Subscriber } from './subscriber.ts';
import type { ChangedSubscriber } from './subscriber-store.ts';

/** Beyond so many changes, everything is said to have changed: the list would cost more than it saves. */
const maxChangesNamed = 1000;

/** An unchanging set of subscribers, indexed by all that they are asked for. */
export class SubscriberDirectory {
  readonly subscribers: readonly Subscriber[];
  readonly domains: readonly string[];
  readonly #byName = new Map<string, Subscriber>();
  readonly #byAor = new Map<string, Subscriber>();
  readonly #byNumber = new Map<string, Subscriber>();
  /** All numbers, sorted; made when first asked for. */
  #numbers: readonly string[] | undefined;
  readonly #trustedNetworks = new Map<string, string[]>();
  /** By algorithm; made when first asked for, since our challenges do not invite hashed names. */
  readonly #byNameHash = new Map<DigestAlgorithm, Map<string, Subscriber>>();

  constructor(subscribers: readonly Subscriber[]) {
    this.subscribers = subscribers;
    this.domains = [...new Set(subscribers.map(({ domain }) => domain))];
    for (const subscriber of subscribers) {
      for (const name of subscriber.credentials.keys())
        this.#byName.set(keyOf(subscriber.domain, name), subscriber);
      for (const number of subscriber.numbers) this.#byNumber.set(number, subscriber);
      if (isTrustedByNetwork(subscriber)) this.#trust(subscriber);
    }
    // Own AORs go last, so that they win over what others may register.
    for (const subscriber of subscribers.toReversed()) {
      for (const aor of subscriber.aors.slice(1)) this.#byAor.set(aor, subscriber);
    }
    for (const subscriber of subscribers) {
      const [own] = subscriber.aors;
      if (own !== undefined) this.#byAor.set(own, subscriber);
    }
  }

  findByName(realm: string, username: string): Subscriber | undefined {
    return this.#byName.get(keyOf(realm, username));
  }

  findByNameHash(realm: string, algorithm: DigestAlgorithm, hash: string): Subscriber | undefined {
    let byHash = this.#byNameHash.get(algorithm);
    if (byHash === undefined) {
      byHash = new Map();
      for (const subscriber of this.subscribers) {
        for (const name of subscriber.credentials.keys()) {
          byHash.set(keyOf(subscriber.domain, hashUsername(algorithm, name, subscriber.domain)), subscriber);
        }
      }
      this.#byNameHash.set(algorithm, byHash);
    }
    return byHash.get(keyOf(realm, hash));
  }

  findByAor(aor: string): Subscriber | undefined {
    return this.#byAor.get(aor);
  }

  findByNumber(number: string): Subscriber | undefined {
    return this.#byNumber.get(number);
  }

  hasLongerNumber(start: string): boolean {
    this.#numbers ??= [...this.#byNumber.keys()].sort();
    const numbers = this.#numbers;
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[middle] ?? '') <= start) low = middle + 1;
      else high = middle;
    }
    return numbers[low]?.startsWith(start) ?? false;
  }

  trustedNetworks(domain: string): readonly string[] {
    return this.#trustedNetworks.get(domain) ?? [];
  }

  /**
   * Every name whose vector differs between this directory and the next: added, changed and removed subscribers.
   * Undefined where they are too many to name.
   */
  changesTo(next: SubscriberDirectory): readonly ChangedSubscriber[] | undefined {
    // What is the same object has not changed; the rest is compared by what it says.
    const [had, has] = [new Set(this.subscribers), new Set(next.subscribers)];
    const before = fingerprints(this.subscribers.filter((subscriber) => !has.has(subscriber)));
    const after = fingerprints(next.subscribers.filter((subscriber) => !had.has(subscriber)));
    const changed = new Map<string, ChangedSubscriber>();
    for (const [fingerprint, subscriber] of before) {
      if (!after.has(fingerprint)) addNames(changed, subscriber);
    }
    for (const [fingerprint, subscriber] of after) {
      if (!before.has(fingerprint)) addNames(changed, subscriber);
    }
    return changed.size > maxChangesNamed ? undefined : [...changed.values()];
  }

  #trust({ domain, networks }: Subscriber): void {
    const known = this.#trustedNetworks.get(domain) ?? [];
    for (const network of networks) if (!known.includes(network)) known.push(network);
    this.#trustedNetworks.set(domain, known);
  }
}

function keyOf(domain: string, name: string): string {
  return `${domain}\n${name}`;
}

/** Subscribers by all that a vector says of them, so that equal ones meet. */
function fingerprints(subscribers: readonly Subscriber[]): Map<string, Subscriber> {
  const result = new Map<string, Subscriber>();
  for (const subscriber of subscribers) {
    result.set(JSON.stringify([subscriber, ...subscriber.credentials]), subscriber);
  }
  return result;
}

/** Under its own name too: who has no credentials may be watched, and watch, all the same. */
function addNames(changed: Map<string, ChangedSubscriber>, subscriber: Subscriber): void {
  const realm = subscriber.domain;
  for (const username of [subscriber.username, ...subscriber.credentials.keys()]) {
    changed.set(keyOf(realm, username), { realm, username });
  }
}
