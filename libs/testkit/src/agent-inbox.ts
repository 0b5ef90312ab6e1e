/** Nothing came in time. */
export class AgentTimeout extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`no ${what} within ${timeoutMs} ms`);
    this.name = 'AgentTimeout';
  }
}

interface Waiter<Item> {
  readonly accepts: (item: Item) => boolean;
  readonly resolve: (item: Item) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A test that lets so many arrive without reading them has lost its way. */
const capacity = 10_000;

/** What has arrived and nobody has asked for yet, and who waits for what. The first waiter that accepts an item gets it. */
export class AgentInbox<Item> {
  readonly #items: Item[] = [];
  readonly #waiters = new Set<Waiter<Item>>();
  #end: Error | undefined;

  put(item: Item): void {
    for (const waiter of this.#waiters) {
      if (waiter.accepts(item)) {
        this.#settle(waiter);
        waiter.resolve(item);
        return;
      }
    }
    if (this.#items.length === capacity) throw new Error(`${capacity} messages unread: is the test stuck?`);
    this.#items.push(item);
  }

  /**
   * The oldest item that is accepted, waited for if need be.
   *
   * @throws AgentTimeout, or the reason why nothing can come any more
   */
  take(accepts: (item: Item) => boolean, what: string, timeoutMs: number): Promise<Item> {
    const index = this.#items.findIndex(accepts);
    const item = this.#items[index];
    if (item !== undefined) {
      this.#items.splice(index, 1);
      return Promise.resolve(item);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new AgentTimeout(what, timeoutMs));
      }, timeoutMs);
      const waiter: Waiter<Item> = { accepts, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Nothing comes any more: whoever waits learns why. What has arrived can still be taken. */
  end(reason: Error): void {
    this.#end ??= reason;
    for (const waiter of this.#waiters) {
      this.#settle(waiter);
      waiter.reject(reason);
    }
  }

  #settle(waiter: Waiter<Item>): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }
}
