import type { DigestAlgorithm } from '@rollcall/digest';
import type { Subscriber } from './subscriber.ts';
import type { SubscriberChange, SubscriberStore } from './subscriber-store.ts';

/** Several stores as one: the first that knows a subscriber wins. */
export class LayeredSubscriberStore implements SubscriberStore {
  readonly kind = 'layered';
  readonly #layers: readonly SubscriberStore[];

  constructor(layers: readonly SubscriberStore[]) {
    this.#layers = layers;
  }

  findByName(realm: string, username: string): Promise<Subscriber | undefined> {
    return this.#first((layer) => layer.findByName(realm, username));
  }

  findByNameHash(realm: string, algorithm: DigestAlgorithm, hash: string): Promise<Subscriber | undefined> {
    return this.#first((layer) => layer.findByNameHash(realm, algorithm, hash));
  }

  findByAor(aor: string): Promise<Subscriber | undefined> {
    return this.#first((layer) => layer.findByAor(aor));
  }

  findByNumber(number: string): Promise<Subscriber | undefined> {
    return this.#first((layer) => layer.findByNumber(number));
  }

  async hasLongerNumber(start: string): Promise<boolean> {
    for (const layer of this.#layers) if (await layer.hasLongerNumber(start)) return true;
    return false;
  }

  domains(): readonly string[] {
    return [...new Set(this.#layers.flatMap((layer) => layer.domains()))];
  }

  trustedNetworks(domain: string): readonly string[] {
    return [...new Set(this.#layers.flatMap((layer) => layer.trustedNetworks(domain)))];
  }

  count(): number | undefined {
    let total = 0;
    for (const layer of this.#layers) {
      const count = layer.count();
      if (count === undefined) return undefined;
      total += count;
    }
    return total;
  }

  onChange(listen: (change: SubscriberChange) => void): void {
    for (const layer of this.#layers) layer.onChange(listen);
  }

  check(): string | undefined {
    const problems = this.#layers.map((layer) => layer.check()).filter((problem) => problem !== undefined);
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  async close(): Promise<void> {
    await Promise.all(this.#layers.map((layer) => layer.close()));
  }

  async #first(
    find: (layer: SubscriberStore) => Promise<Subscriber | undefined>,
  ): Promise<Subscriber | undefined> {
    for (const layer of this.#layers) {
      const found = await find(layer);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
