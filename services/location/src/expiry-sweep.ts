import type { Clock, Logger } from '@rollcall/runtime';
import type { BindingTable } from './binding-table.ts';
import type { LocationMetrics } from './metrics.ts';
import type { BindingStore } from './store/binding-store.ts';

/** Events of an expiry are promised within 2 s; the calendar of the memory store takes up to one of them. */
const tickMs = 250;

/** How long one AOR's expiry may take before it is left to the next tick. */
const updateTimeoutMs = 1500;

/** Most expiries under way at once: a mass expiry must leave room for registrations. */
const sideBySide = 32;

/** Takes expired bindings out of the table and so announces them. Look-ups do not depend on it. */
export class ExpirySweep {
  readonly #parts: {
    store: BindingStore;
    table: BindingTable;
    clock: Clock;
    logger: Logger;
    metrics: LocationMetrics;
  };
  #timer: { cancel(): void } | undefined;
  #running: Promise<void> = Promise.resolve();
  #failing = false;
  #stopped = false;

  constructor(parts: {
    store: BindingStore;
    table: BindingTable;
    clock: Clock;
    logger: Logger;
    metrics: LocationMetrics;
  }) {
    this.#parts = parts;
  }

  /** Sweeps from now on until stopped. */
  start(): void {
    this.#timer = this.#parts.clock.after(tickMs, () => {
      this.#running = this.#tick();
    });
  }

  /** Ends the sweep, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #tick(): Promise<void> {
    try {
      await this.#sweep();
      this.#failing = false;
    } catch (error) {
      // The store says itself that it is down; once per outage is enough here.
      if (!this.#failing) this.#parts.logger.warn({ err: error }, 'expired bindings cannot be swept');
      this.#failing = true;
    }
    if (!this.#stopped) this.start();
  }

  async #sweep(): Promise<void> {
    const { store, clock, metrics } = this.#parts;
    const due = await store.takeDue(clock.nowMs());
    metrics.expiryBacklog.set(due.length);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < due.length && !this.#stopped) {
        const aor = due[next];
        next += 1;
        if (aor !== undefined) await this.#expire(aor);
      }
    };
    await Promise.all(Array.from({ length: Math.min(sideBySide, due.length) }, work));
  }

  async #expire(aor: string): Promise<void> {
    const { table, clock, metrics } = this.#parts;
    const startMs = clock.nowMs();
    const { changes } = await table.expire(aor, startMs + updateTimeoutMs);
    for (const { change, binding } of changes) {
      if (change !== 'expired' || binding === undefined) continue;
      metrics.expiryLag.observe((clock.nowMs() - binding.expiresAtMs) / 1000);
    }
  }
}
