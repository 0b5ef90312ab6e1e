import type { Logger } from '@rollcall/runtime';
import type { RecordWrite, StoredChange } from './store/binding-store.ts';

/** One change of the binding table. */
export interface BindingEvent extends StoredChange {
  /** Canonical AOR. */
  readonly aor: string;
  /** When it was written, in milliseconds since 1970. */
  readonly atMs: number;
}

/** What this process has changed in the store, in the order in which it was written for each AOR. */
export class ChangeFeed {
  readonly #listeners = new Set<(event: BindingEvent) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Calls the listener for each change, at once; returns how to end that. A listener must not wait for anything. */
  subscribe(listener: (event: BindingEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells all listeners; one that throws is logged and does not disturb the registration. */
  publish(aor: string, changes: RecordWrite['changes'], atMs: number): void {
    if (this.#listeners.size === 0) return;
    for (const { change, binding } of changes) {
      const event: BindingEvent = { aor, change, binding, atMs };
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          this.#logger.error({ err: error }, 'a listener to binding changes failed');
        }
      }
    }
  }
}
