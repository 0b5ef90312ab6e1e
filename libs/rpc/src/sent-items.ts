/** An item has a place, and each use of a place a turn: together the id that its result brings back. */
const placeBits = 16;
const mostPlaces = 1 << placeBits;
const mostTurns = 0xffff;

/** What can be sent. */
interface SentItem {
  /** Set here. */
  id: number;
  readonly startedAtMs: number;
}

/**
 * Items that wait for their results, by an id of 32 bits. An array of places, and no Map: a Map copies its table again and
 * again as items come and go, and each table left behind that has reached V8's old generation keeps what was in it, and
 * all tables after it, alive until the next full collection.
 */
export class SentItems<Item extends SentItem> {
  readonly #places: (Item | undefined)[] = [];
  readonly #turns: number[] = [];
  readonly #free: number[] = [];

  /** Items that wait. */
  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** Gives an item an id that no other has now, nor had lately: a late result of another finds nobody. */
  add(item: Item): void {
    const place = this.#free.pop() ?? this.#places.length;
    if (place >= mostPlaces) throw new RangeError(`more than ${mostPlaces} items in flight`);
    const turn = (this.#turns[place] ?? 0) === mostTurns ? 1 : (this.#turns[place] ?? 0) + 1;
    this.#turns[place] = turn;
    this.#places[place] = item;
    item.id = turn * mostPlaces + place;
  }

  /** Takes an item out; undefined where none has the id. */
  take(id: number): Item | undefined {
    const place = id % mostPlaces;
    const item = this.#places[place];
    if (item?.id !== id) return undefined;
    this.#places[place] = undefined;
    this.#free.push(place);
    return item;
  }

  /** Calls back for each item; it may be taken out. */
  forEach(visit: (item: Item) => void): void {
    for (let place = 0; place < this.#places.length; place += 1) {
      const item = this.#places[place];
      if (item !== undefined) visit(item);
    }
  }

  /** Takes all out, in the order of their calls. */
  takeAll(): Item[] {
    const all = this.#places.filter((item) => item !== undefined);
    for (const { id } of all) this.take(id);
    return all.sort((one, other) => one.startedAtMs - other.startedAtMs);
  }
}
