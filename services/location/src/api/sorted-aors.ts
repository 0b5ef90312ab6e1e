import type { Clock } from '@rollcall/runtime';
import type { BindingStore } from '../store/binding-store.ts';

/** Most lists kept, and most AORs in all of them: some 50 MB. */
const mostLists = 64;
const mostAors = 500_000;

/** How long a list serves the later pages of a listing. */
const keptMs = 60_000;

interface KeptList {
  readonly aors: readonly string[];
  readonly readAtMs: number;
}

/**
 * The AORs of a domain in one shard, sorted. The names make a listing exact: an AOR keeps its place however often it is
 * refreshed. Memory grows with a shard, a 64th of the table, not with the table.
 */
export class SortedAors {
  readonly #store: BindingStore;
  readonly #clock: Clock;
  readonly #kept = new Map<string, KeptList>();
  #size = 0;

  constructor(store: BindingStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The list as it was at some moment since the listing began: all that a listing promises. So a page need not read
   * again what the page before has read here. What was read in the very millisecond may have been read just before.
   * Replicas' clocks are taken to agree: where they differ, a listing may miss what was registered that long before it.
   */
  async list(shard: number, domain: string, startedAtMs: number): Promise<readonly string[]> {
    const key = `${shard} ${domain}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.readAtMs > startedAtMs && this.#clock.nowMs() - kept.readAtMs < keptMs) {
      return kept.aors;
    }
    const readAtMs = this.#clock.nowMs();
    const { aors } = await this.#store.listAors(shard, `@${domain}`);
    const sorted = [...aors].sort();
    this.#drop(key);
    this.#kept.set(key, { aors: sorted, readAtMs });
    this.#size += sorted.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostLists && this.#size <= mostAors) break;
      this.#drop(oldest);
    }
    return sorted;
  }

  #drop(key: string): void {
    this.#size -= this.#kept.get(key)?.aors.length ?? 0;
    this.#kept.delete(key);
  }
}

/** Where the names after `last` begin in a sorted list. */
export function indexAfter(sorted: readonly string[], last: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
