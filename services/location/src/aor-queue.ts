import { aorBusy } from './faults.ts';

/** Most updates of one AOR that wait for their turn; a phone has one at a time, a PBX some dozens. */
const maxWaiting = 256;

/**
 * Runs the updates of one AOR one after the other, in the order of their arrival; those of different AORs run side by
 * side. Without it a hundred updates of one AOR would invalidate each other's revision in the store again and again.
 */
export class AorQueue {
  /** An AOR is here while one of its updates runs. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /**
   * @throws ServiceFault AOR_BUSY where too many wait already
   */
  async run<T>(aor: string, update: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(aor);
    if (waiting === undefined) {
      this.#waiting.set(aor, []);
    } else {
      if (waiting.length >= maxWaiting) throw aorBusy();
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      return await update();
    } finally {
      this.#startNext(aor);
    }
  }

  #startNext(aor: string): void {
    const next = this.#waiting.get(aor)?.shift();
    if (next === undefined) this.#waiting.delete(aor);
    else next();
  }
}
