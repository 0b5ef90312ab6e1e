import type { DigestAlgorithm } from '@rollcall/digest';
import type { Subscriber } from './subscriber.ts';
import { SubscriberDirectory } from './subscriber-directory.ts';
import type { SubscriberChange, SubscriberStore } from './subscriber-store.ts';

/** Subscribers held in memory, to be replaced as a whole. */
export class ListSubscriberStore implements SubscriberStore {
  readonly kind: string;
  #directory: SubscriberDirectory;
  readonly #listeners: ((change: SubscriberChange) => void)[] = [];

  constructor(subscribers: readonly Subscriber[], kind = 'list') {
    this.kind = kind;
    this.#directory = new SubscriberDirectory(subscribers);
  }

  /** Replaces all subscribers and tells who changed; returns how many names did, or undefined for very many. */
  replace(subscribers: readonly Subscriber[]): number | undefined {
    const next = new SubscriberDirectory(subscribers);
    const changed = this.#directory.changesTo(next);
    this.#directory = next;
    for (const listen of this.#listeners) listen({ subscribers: changed });
    return changed?.length;
  }

  findByName(realm: string, username: string): Promise<Subscriber | undefined> {
    return Promise.resolve(this.#directory.findByName(realm, username));
  }

  findByNameHash(realm: string, algorithm: DigestAlgorithm, hash: string): Promise<Subscriber | undefined> {
    return Promise.resolve(this.#directory.findByNameHash(realm, algorithm, hash));
  }

  findByAor(aor: string): Promise<Subscriber | undefined> {
    return Promise.resolve(this.#directory.findByAor(aor));
  }

  findByNumber(number: string): Promise<Subscriber | undefined> {
    return Promise.resolve(this.#directory.findByNumber(number));
  }

  hasLongerNumber(start: string): Promise<boolean> {
    return Promise.resolve(this.#directory.hasLongerNumber(start));
  }

  domains(): readonly string[] {
    return this.#directory.domains;
  }

  trustedNetworks(domain: string): readonly string[] {
    return this.#directory.trustedNetworks(domain);
  }

  count(): number {
    return this.#directory.subscribers.length;
  }

  onChange(listen: (change: SubscriberChange) => void): void {
    this.#listeners.push(listen);
  }

  check(): string | undefined {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
