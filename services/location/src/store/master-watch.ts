/**
 * Notices that another server has become master, by the addresses of the masters. It may take a while from the end of
 * one to the beginning of the other; one that comes back, or one that is added, has taken over from nobody.
 */
export class MasterWatch {
  readonly #onFailover: () => void;
  #masters: ReadonlySet<string> = new Set();
  readonly #departed = new Set<string>();

  /** @param onFailover called once for each master that has taken over from another */
  constructor(onFailover: () => void) {
    this.#onFailover = onFailover;
  }

  /** Takes the masters as they are known now, "host:port" each; none where nothing is known. */
  see(addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    const masters = new Set(addresses);
    for (const address of this.#masters) if (!masters.has(address)) this.#departed.add(address);
    for (const address of masters) {
      if (this.#masters.has(address) || this.#departed.delete(address)) continue;
      const [departed] = this.#departed;
      if (departed === undefined) continue;
      this.#departed.delete(departed);
      this.#onFailover();
    }
    this.#masters = masters;
  }
}
