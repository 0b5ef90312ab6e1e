/** So fine are the instants that are kept apart. */
const pageMs = 250;

/**
 * Who is due when, by quarters of a second: adding, moving and removing are O(1), whatever the number of AORs. An AOR is
 * due from the full quarter on that follows its instant.
 */
export class ExpiryCalendar {
  readonly #pages = new Map<number, Set<string>>();
  readonly #pageOf = new Map<string, number>();
  /** No page before this one holds anything. */
  #firstPage = Number.POSITIVE_INFINITY;

  /** Notes that the AOR is next due at this instant, in milliseconds since 1970; undefined: never. */
  set(aor: string, atMs: number | undefined): void {
    const page = atMs === undefined ? undefined : Math.ceil(atMs / pageMs);
    const previous = this.#pageOf.get(aor);
    if (previous === page) return;
    if (previous !== undefined) this.#remove(aor, previous);
    if (page === undefined) {
      this.#pageOf.delete(aor);
      return;
    }
    this.#pageOf.set(aor, page);
    const aors = this.#pages.get(page);
    if (aors === undefined) this.#pages.set(page, new Set([aor]));
    else aors.add(aor);
    this.#firstPage = Math.min(this.#firstPage, page);
  }

  /** The AORs that are due, at most `limit`; they stay due until they are set anew. */
  due(nowMs: number, limit: number): string[] {
    const due: string[] = [];
    const lastPage = Math.floor(nowMs / pageMs);
    if (this.#pages.size === 0) this.#firstPage = Number.POSITIVE_INFINITY;
    for (let page = this.#firstPage; page <= lastPage; page += 1) {
      const aors = this.#pages.get(page);
      if (aors === undefined) {
        if (page === this.#firstPage) this.#firstPage += 1;
        continue;
      }
      for (const aor of aors) {
        if (due.length === limit) return due;
        due.push(aor);
      }
    }
    return due;
  }

  /** How many AORs are due. */
  countDue(nowMs: number): number {
    let count = 0;
    const lastPage = Math.floor(nowMs / pageMs);
    for (let page = this.#firstPage; page <= lastPage; page += 1) count += this.#pages.get(page)?.size ?? 0;
    return count;
  }

  #remove(aor: string, page: number): void {
    const aors = this.#pages.get(page);
    aors?.delete(aor);
    if (aors?.size === 0) this.#pages.delete(page);
  }
}
