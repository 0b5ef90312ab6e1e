import type { LoggedChange } from './binding-store.ts';
import { comparePositions, type LogPosition, logStart } from './log-position.ts';

/** A shard's log of changes in memory: the newest entries, numbered as Redis numbers its streams. */
export class MemoryChangeLog {
  readonly #size: number;
  #entries: LoggedChange[] = [];
  #end: LogPosition = logStart;
  #trimmed = false;

  /** @param size entries that are kept at least */
  constructor(size: number) {
    this.#size = size;
  }

  /** The position of the newest entry; the start where nothing was ever added. */
  get end(): LogPosition {
    return this.#end;
  }

  add(change: Omit<LoggedChange, 'position'>, nowMs: number): void {
    const { ms, seq } = this.#end;
    this.#end = nowMs > ms ? { ms: nowMs, seq: 0 } : { ms, seq: seq + 1 };
    this.#entries.push({ ...change, position: this.#end });
    // Now and then a half goes, so that adding stays cheap.
    if (this.#entries.length >= this.#size * 2) {
      this.#entries = this.#entries.slice(-this.#size);
      this.#trimmed = true;
    }
  }

  /** The entries after a position, at most `limit`; undefined where some of them, or the position itself, are gone. */
  after(position: LogPosition, limit: number): LoggedChange[] | undefined {
    if (comparePositions(position, logStart) === 0) {
      return this.#trimmed ? undefined : this.#entries.slice(0, limit);
    }
    const at = this.#find(position);
    return at === undefined ? undefined : this.#entries.slice(at + 1, at + 1 + limit);
  }

  #find(position: LogPosition): number | undefined {
    let low = 0;
    let high = this.#entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry === undefined) return undefined;
      const order = comparePositions(entry.position, position);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}
