import type { VersionedRecord } from './binding-store.ts';

const unknown: VersionedRecord = { revision: 0, record: undefined };

/** The records that this process has seen last; beyond its size the least recently used go. */
export class RecordCache {
  readonly #records = new Map<string, VersionedRecord>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** What was seen last; no record where nothing was. */
  get(aor: string): VersionedRecord {
    return this.#records.get(aor) ?? unknown;
  }

  /** Remembers a record; "no record" is what is assumed anyway, and takes no room. */
  set(aor: string, seen: VersionedRecord): void {
    // A Map keeps the order of insertion: deleting first makes this AOR the most recent.
    this.#records.delete(aor);
    if (seen.revision === 0) return;
    this.#records.set(aor, seen);
    if (this.#records.size > this.#size) {
      const oldest = this.#records.keys().next();
      if (oldest.done !== true) this.#records.delete(oldest.value);
    }
  }
}
