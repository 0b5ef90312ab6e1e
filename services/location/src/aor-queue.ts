import { aorBusy } from './faults.ts';

/** Most updates of one AOR that wait for their turn; a phone has one at a time, a PBX some dozens. */
const maxWaiting = 256;

/** Most updates of one AOR that share a write, so that one script in the store stays short. */
const maxTogether = 64;

/**
 * Hands on the updates of one AOR one lot after the other, in the order of their arrival; those of different AORs go
 * side by side. What arrives while a lot is written makes the next lot: a hundred phones of one AOR cost a few writes
 * and not a hundred, and do not invalidate each other's revision in the store.
 */
export class AorQueue<Update> {
  /** An AOR is here while one of its lots is being written. */
  readonly #waiting = new Map<string, Update[]>();
  readonly #write: (aor: string, lot: readonly Update[]) => Promise<void>;

  /** @param write takes a lot; it settles when the next one may come, and never rejects */
  constructor(write: (aor: string, lot: readonly Update[]) => Promise<void>) {
    this.#write = write;
  }

  /**
   * Takes an update.
   *
   * @throws ServiceFault AOR_BUSY where too many wait already
   */
  add(aor: string, update: Update): void {
    const waiting = this.#waiting.get(aor);
    if (waiting === undefined) {
      const next: Update[] = [];
      this.#waiting.set(aor, next);
      void this.#drain(aor, [update], next);
      return;
    }
    if (waiting.length >= maxWaiting) throw aorBusy();
    waiting.push(update);
  }

  async #drain(aor: string, first: readonly Update[], waiting: Update[]): Promise<void> {
    await this.#write(aor, first);
    while (waiting.length > 0) await this.#write(aor, waiting.splice(0, maxTogether));
    this.#waiting.delete(aor);
  }
}
