import type { SubscriberStore } from './subscribers/subscriber-store.ts';

/** The domains that are served: those configured, else those of the subscribers. */
export class ServedDomains {
  readonly #configured: readonly string[];
  readonly #store: SubscriberStore;
  #domains: ReadonlySet<string>;

  constructor(configured: readonly string[], store: SubscriberStore) {
    this.#configured = configured;
    this.#store = store;
    this.#domains = new Set(this.#read());
  }

  has(domain: string): boolean {
    return this.#domains.has(domain);
  }

  list(): string[] {
    return [...this.#domains];
  }

  /** Looks again after the subscribers changed; true where the domains did. */
  refresh(): boolean {
    const next = new Set(this.#read());
    if (next.size === this.#domains.size && [...next].every((domain) => this.#domains.has(domain)))
      return false;
    this.#domains = next;
    return true;
  }

  #read(): readonly string[] {
    return this.#configured.length > 0 ? this.#configured : this.#store.domains();
  }
}
