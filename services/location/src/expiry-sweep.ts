import { ServiceFault } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { BindingTable } from './binding-table.ts';
import type { LocationMetrics } from './metrics.ts';
import type { BindingStore } from './store/binding-store.ts';

/** How often is looked for what is due: an event is promised within 2 s of its expiry. */
const tickMs = 250;

/** How long one AOR's expiry may take before it is left to the next tick. */
const updateTimeoutMs = 1500;

/** AORs that are decided in one turn of the event loop, and written together: some milliseconds in which nothing else goes on. */
const lotSize = 128;

/**
 * Lots under way at once. On a busy process a lot waits a turn or two for its answer, behind registrations: what the sweep
 * gets done must not depend on how long a turn takes.
 */
const lotsSideBySide = 4;

/** What the sweep works with. */
interface SweepParts {
  readonly store: BindingStore;
  readonly table: BindingTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: LocationMetrics;
}

/**
 * Takes expired bindings out of the table and so announces them; whoever expired first comes first, and it goes on until
 * nobody is due. Look-ups do not depend on it.
 */
export class ExpirySweep {
  readonly #parts: SweepParts;
  #timer: { cancel(): void } | undefined;
  #running: Promise<void> = Promise.resolve();
  #failing = false;
  #stopped = false;

  constructor(parts: SweepParts) {
    this.#parts = parts;
  }

  /** Sweeps from now on until stopped. */
  start(): void {
    this.#arm(tickMs);
  }

  /** Ends the sweep, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#running = this.#tick();
    });
  }

  async #tick(): Promise<void> {
    const { clock, logger } = this.#parts;
    const startedAtMs = clock.nowMs();
    try {
      await this.#sweep();
      this.#failing = false;
    } catch (error) {
      // The store says itself that it is down; once per outage is enough here.
      if (!this.#failing) {
        const why = error instanceof ServiceFault ? { problem: error.message } : { err: error };
        logger.warn(why, 'expired bindings cannot be swept');
      }
      this.#failing = true;
    }
    // From start to start: a sweep that takes its time does not put off the next.
    if (!this.#stopped) this.#arm(Math.max(0, startedAtMs + tickMs - clock.nowMs()));
  }

  async #sweep(): Promise<void> {
    const { store, clock, metrics } = this.#parts;
    while (!this.#stopped) {
      const { aors, total } = await store.takeDue(clock.nowMs());
      metrics.expiryBacklog.set(total);
      if (aors.length === 0) return;
      await this.#expireAll(aors);
      if (total <= aors.length) return;
    }
  }

  /** @throws the fault of the store, where it takes none of a lot: more of them would fare no better */
  async #expireAll(aors: readonly string[]): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < aors.length && !this.#stopped) {
        const lot = aors.slice(next, next + lotSize);
        next += lot.length;
        // What has arrived meanwhile has its turn; a store in memory would let nothing in between.
        await new Promise(setImmediate);
        await this.#expireLot(lot);
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: lotsSideBySide }, work));
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  }

  /** One AOR that cannot be written is due again at the next tick, and keeps no other from being announced. */
  async #expireLot(lot: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(lot.map((aor) => this.#expire(aor)));
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    const [first] = failed;
    if (failed.length === lot.length && first?.status === 'rejected') throw first.reason;
  }

  async #expire(aor: string): Promise<void> {
    const { table, clock, metrics } = this.#parts;
    const { changes } = await table.expire(aor, clock.nowMs() + updateTimeoutMs);
    for (const { change, binding } of changes) {
      if (change !== 'expired' || binding === undefined) continue;
      metrics.expiryLag.observe((clock.nowMs() - binding.expiresAtMs) / 1000);
    }
  }
}
