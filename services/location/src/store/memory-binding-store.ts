import { type BindingRecord, keepUntilMs, nextExpiryAtMs } from '@rollcall/bindings';
import { storeFull } from '../faults.ts';
import type { LocationMetrics } from '../metrics.ts';
import type { BindingStore, RecordWrite, VersionedRecord } from './binding-store.ts';
import { ExpiryCalendar } from './expiry-calendar.ts';

/** Most AORs named by one takeDue: a mass expiry must not hold up registrations. */
const dueLimit = 1000;

const nothing: VersionedRecord = { revision: 0, record: undefined };

/** Keeps records in this process's memory: for standalone, labs and tests. They end with the process. */
export class MemoryBindingStore implements BindingStore {
  readonly #records = new Map<string, VersionedRecord>();
  readonly #calendar = new ExpiryCalendar();
  readonly #maxAors: number;
  readonly #metrics: LocationMetrics;
  #lastRevision = 0;

  constructor(options: { maxAors: number; metrics: LocationMetrics }) {
    this.#maxAors = options.maxAors;
    this.#metrics = options.metrics;
    this.#metrics.connected.set(1);
  }

  recall(aor: string): VersionedRecord {
    return this.#records.get(aor) ?? nothing;
  }

  get(aor: string): Promise<VersionedRecord> {
    return Promise.resolve(this.recall(aor));
  }

  compareAndSet(
    aor: string,
    expectedRevision: number,
    write: RecordWrite,
  ): Promise<VersionedRecord | undefined> {
    const current = this.recall(aor);
    if (current.revision !== expectedRevision) return Promise.resolve(current);
    if (write.record !== undefined && current.record === undefined && this.#records.size >= this.#maxAors) {
      return Promise.reject(storeFull(this.#maxAors));
    }
    this.#put(aor, current.record, write.record);
    return Promise.resolve(undefined);
  }

  takeDue(nowMs: number): Promise<string[]> {
    const due = this.#calendar.due(nowMs, dueLimit).filter((aor) => !this.#dropLapsed(aor, nowMs));
    return Promise.resolve(due);
  }

  /** A record never goes by itself here. */
  forgetDue(): Promise<boolean> {
    return Promise.resolve(false);
  }

  check(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #put(aor: string, before: BindingRecord | undefined, after: BindingRecord | undefined): void {
    this.#countBindings(before?.bindings.length ?? 0, after?.bindings.length ?? 0);
    if (after === undefined) {
      this.#records.delete(aor);
      this.#calendar.set(aor, undefined);
      return;
    }
    this.#lastRevision += 1;
    this.#records.set(aor, { revision: this.#lastRevision, record: after });
    this.#calendar.set(aor, nextExpiryAtMs(after) ?? keepUntilMs(after));
  }

  #countBindings(before: number, after: number): void {
    this.#metrics.bindings.inc(after - before);
    this.#metrics.aors.inc(Number(after > 0) - Number(before > 0));
  }

  /** Replay state that nobody can use any more goes without an event. */
  #dropLapsed(aor: string, nowMs: number): boolean {
    const { record } = this.recall(aor);
    if (record === undefined || record.bindings.length > 0) return false;
    if (keepUntilMs(record) <= nowMs) this.#put(aor, record, undefined);
    else this.#calendar.set(aor, keepUntilMs(record));
    return true;
  }
}
