import { randomBytes } from 'node:crypto';
import { type BindingRecord, keepUntilMs, nextExpiryAtMs } from '@rollcall/bindings';
import type { Clock } from '@rollcall/runtime';
import { bindingIdOf } from '../binding-id.ts';
import { storeFull } from '../faults.ts';
import type { LocationMetrics } from '../metrics.ts';
import type {
  BindingStore,
  DueAors,
  ListedAors,
  LoggedChange,
  RecordsTogether,
  RecordWrite,
  VersionedRecord,
} from './binding-store.ts';
import { ExpiryCalendar } from './expiry-calendar.ts';
import { type LogPosition, logStart } from './log-position.ts';
import { MemoryChangeLog } from './memory-change-log.ts';
import { withOwnTexts } from './own-texts.ts';
import { shardCount, shardIndexOf } from './redis-keys.ts';

/** Most AORs named by one takeDue, as many as a Redis store names. */
const dueLimit = 4096;

/** What one shard holds: the table is listed and its changes are told shard by shard, as with Redis. */
interface Shard {
  readonly records: Map<string, VersionedRecord>;
  readonly log: MemoryChangeLog;
}

const nothing: VersionedRecord = { revision: 0, record: undefined };

/** Keeps records in this process's memory: for standalone, labs and tests. They end with the process. */
export class MemoryBindingStore implements BindingStore {
  readonly #shards: readonly Shard[];
  readonly #calendar = new ExpiryCalendar();
  readonly #maxAors: number;
  readonly #metrics: LocationMetrics;
  readonly #clock: Clock;
  readonly #secret = randomBytes(32);
  #aors = 0;
  #lastRevision = 0;

  constructor(options: { maxAors: number; watchHistory: number; clock: Clock; metrics: LocationMetrics }) {
    this.#shards = Array.from({ length: shardCount }, () => ({
      records: new Map(),
      log: new MemoryChangeLog(options.watchHistory),
    }));
    this.#clock = options.clock;
    this.#maxAors = options.maxAors;
    this.#metrics = options.metrics;
    this.#metrics.connected.set(1);
  }

  recall(aor: string): VersionedRecord {
    return this.#shardOf(aor)?.records.get(aor) ?? nothing;
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
    if (write.record !== undefined && current.record === undefined && this.#aors >= this.#maxAors) {
      return Promise.reject(storeFull(this.#maxAors));
    }
    const { record, changes } = withOwnTexts(write, current.record);
    this.#put(aor, current.record, record);
    this.#log(aor, changes);
    return Promise.resolve(undefined);
  }

  takeDue(nowMs: number): Promise<DueAors> {
    for (;;) {
      const named = this.#calendar.due(nowMs, dueLimit);
      const aors = named.filter((aor) => !this.#dropLapsed(aor, nowMs));
      // Where all of them were lapsed, they are gone from the calendar, and others may be due.
      if (aors.length > 0 || named.length < dueLimit)
        return Promise.resolve({ aors, total: this.#calendar.countDue(nowMs) });
    }
  }

  /** A record never goes by itself here. */
  forgetDue(): Promise<boolean> {
    return Promise.resolve(false);
  }

  listAors(shard: number, suffix: string): Promise<ListedAors> {
    const aors: string[] = [];
    for (const [aor, { record }] of this.#shards[shard]?.records ?? []) {
      if (aor.endsWith(suffix) && record !== undefined && record.bindings.length > 0) aors.push(aor);
    }
    return Promise.resolve({ aors, end: this.#endOf(shard) });
  }

  readTogether(shard: number, aors: readonly string[]): Promise<RecordsTogether> {
    return Promise.resolve({ records: aors.map((aor) => this.recall(aor)), end: this.#endOf(shard) });
  }

  readLog(shard: number, after: LogPosition, limit: number): Promise<LoggedChange[] | undefined> {
    return Promise.resolve(this.#shards[shard]?.log.after(after, limit));
  }

  sharedSecret(): Promise<Buffer> {
    return Promise.resolve(this.#secret);
  }

  check(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #put(aor: string, before: BindingRecord | undefined, after: BindingRecord | undefined): void {
    this.#countBindings(before?.bindings.length ?? 0, after?.bindings.length ?? 0);
    this.#aors += Number(after !== undefined) - Number(before !== undefined);
    if (after === undefined) {
      this.#shardOf(aor)?.records.delete(aor);
      this.#calendar.set(aor, undefined);
      return;
    }
    this.#lastRevision += 1;
    this.#shardOf(aor)?.records.set(aor, { revision: this.#lastRevision, record: after });
    this.#calendar.set(aor, nextExpiryAtMs(after) ?? keepUntilMs(after));
  }

  #log(aor: string, changes: RecordWrite['changes']): void {
    const log = this.#shardOf(aor)?.log;
    for (const { change, binding } of changes) {
      const bindingId = binding === undefined ? '' : bindingIdOf(binding);
      // As in Redis, so that watches behave alike.
      const kept = change === 'refreshed' ? undefined : binding;
      log?.add({ aor, change, bindingId, binding: kept }, this.#clock.nowMs());
    }
  }

  #shardOf(aor: string): Shard | undefined {
    return this.#shards[shardIndexOf(aor)];
  }

  #endOf(shard: number): LogPosition {
    return this.#shards[shard]?.log.end ?? logStart;
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
