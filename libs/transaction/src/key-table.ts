import { hashKey, makeSeed } from './key-hash.ts';

const firstChains = 1024;

interface Entry<Value> {
  readonly key: string;
  readonly hash: number;
  value: Value | undefined;
  next: Entry<Value> | undefined;
}

/**
 * Values that come and go by the thousand each second, found by a key.
 *
 * V8's Map is not made for that: it copies its table again and again as entries go, and each table it leaves points to the
 * next and to all that was in it. One such table that has reached the old generation keeps whatever came after it alive
 * until the next full collection: whole requests, of which each collection then copied megabytes. Here what goes leaves no
 * pointer behind.
 */
export class KeyTable<Value> {
  readonly #seed = makeSeed();
  #chains: (Entry<Value> | undefined)[] = new Array(firstChains);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  get(key: string): Value | undefined {
    const hash = hashKey(key, this.#seed);
    let entry = this.#chains[hash & (this.#chains.length - 1)];
    while (entry !== undefined) {
      if (entry.hash === hash && entry.key === key) return entry.value;
      entry = entry.next;
    }
    return undefined;
  }

  /** Adds a value; of several with one key the last is found. */
  add(key: string, value: Value): void {
    if (this.#count >= this.#chains.length) this.#grow();
    const hash = hashKey(key, this.#seed);
    const chain = hash & (this.#chains.length - 1);
    this.#chains[chain] = { key, hash, value, next: this.#chains[chain] };
    this.#count += 1;
  }

  /** Removes a value; does nothing where it is not there. */
  remove(key: string, value: Value): void {
    const hash = hashKey(key, this.#seed);
    const chain = hash & (this.#chains.length - 1);
    let previous: Entry<Value> | undefined;
    let entry = this.#chains[chain];
    while (entry !== undefined && (entry.value !== value || entry.key !== key)) {
      previous = entry;
      entry = entry.next;
    }
    if (entry === undefined) return;
    if (previous === undefined) this.#chains[chain] = entry.next;
    else previous.next = entry.next;
    entry.next = undefined;
    entry.value = undefined;
    this.#count -= 1;
  }

  *values(): Generator<Value> {
    for (let entry of this.#chains) {
      for (; entry !== undefined; entry = entry.next) if (entry.value !== undefined) yield entry.value;
    }
  }

  clear(): void {
    this.#chains = new Array(firstChains);
    this.#count = 0;
  }

  #grow(): void {
    const chains: (Entry<Value> | undefined)[] = new Array(this.#chains.length * 2);
    for (let entry of this.#chains) {
      while (entry !== undefined) {
        const { next } = entry;
        const chain = entry.hash & (chains.length - 1);
        entry.next = chains[chain];
        chains[chain] = entry;
        entry = next;
      }
    }
    this.#chains = chains;
  }
}
