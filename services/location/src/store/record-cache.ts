import { LRUCache } from 'lru-cache';
import type { VersionedRecord } from './binding-store.ts';

const unknown: VersionedRecord = { revision: 0, record: undefined };

/** The records that this process has seen last; beyond its size the least recently used go. */
export class RecordCache {
  readonly #records: LRUCache<string, VersionedRecord>;

  /** @param size most records */
  constructor(size: number) {
    this.#records = new LRUCache({ max: size });
  }

  /** What was seen last; no record where nothing was. */
  get(aor: string): VersionedRecord {
    return this.#records.get(aor) ?? unknown;
  }

  /** Remembers a record; "no record" is what is assumed anyway, and takes no room. */
  set(aor: string, seen: VersionedRecord): void {
    if (seen.revision === 0) this.#records.delete(aor);
    else this.#records.set(aor, seen);
  }
}
