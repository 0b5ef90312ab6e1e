import type { BindingChange, BindingRecord } from '@rollcall/bindings';
import type { LogPosition } from './log-position.ts';

/** A record as it was at one revision. */
export interface VersionedRecord {
  /** 0 where there is no record; else never used before for this AOR. */
  readonly revision: number;
  readonly record: BindingRecord | undefined;
}

/** A change of one AOR as watchers are told. The binding is absent where the store had dropped it before it was seen. */
export interface StoredChange {
  readonly change: BindingChange['change'];
  readonly binding: BindingChange['binding'] | undefined;
}

/** What a compare-and-set writes: the record (undefined: none is left), and what changed by it. */
export interface RecordWrite {
  readonly record: BindingRecord | undefined;
  readonly changes: readonly StoredChange[];
}

/** One entry of a shard's log of changes. */
export interface LoggedChange {
  readonly position: LogPosition;
  /** Canonical AOR. */
  readonly aor: string;
  readonly change: BindingChange['change'];
  /** See binding-id.ts; empty where the store had dropped the binding before it was seen. */
  readonly bindingId: string;
  /** The binding as it was then. Absent from a refresh: they are nearly all of the log, and the record has it. */
  readonly binding: BindingChange['binding'] | undefined;
}

/** AORs of one shard, and where its log ended at the same moment. */
export interface ListedAors {
  readonly aors: readonly string[];
  readonly end: LogPosition;
}

/** Records of one shard, and where its log ended at the same moment. */
export interface RecordsTogether {
  readonly records: readonly VersionedRecord[];
  readonly end: LogPosition;
}

/** AORs with a binding that has expired and is not taken out yet. */
export interface DueAors {
  /** Some of them. */
  readonly aors: readonly string[];
  /** How many there are for this process: more than are named after a mass expiry. */
  readonly total: number;
}

/**
 * Where records are kept. A store is dumb: it knows nothing of the rules, but keeps the record, the index of what
 * expires next, and the log of changes in one atomic step. Every method fails with a ServiceFault where the store
 * cannot do it in time. Each sentence below is a test of test/binding-store.contract.ts.
 */
export interface BindingStore {
  /**
   * What this process believes the record to be, at no cost: perhaps out of date. Only a compareAndSet that succeeds
   * proves it.
   */
  recall(aor: string): VersionedRecord;
  /** The record as it is. */
  get(aor: string): Promise<VersionedRecord>;
  /**
   * Writes if the record still has the expected revision, and returns undefined; else changes nothing and returns the
   * record as it is. Once it returns, the write is as durable as configured.
   */
  compareAndSet(
    aor: string,
    expectedRevision: number,
    write: RecordWrite,
  ): Promise<VersionedRecord | undefined>;
  /**
   * AORs with a binding that expired at or before this instant, a bounded number of them; each is named again and again
   * until it is written. Of several processes with one store, only one is told of an AOR at a time.
   */
  takeDue(nowMs: number): Promise<DueAors>;
  /**
   * Takes an AOR that is due but has no record any more (Redis drops it by itself some time after its last binding) out
   * of what is due, and logs that it expired; false where it is not due any more, or has a record.
   */
  forgetDue(aor: string): Promise<boolean>;
  /** The AORs of a shard that end in `suffix` and have bindings (perhaps expired ones), in no order. */
  listAors(shard: number, suffix: string): Promise<ListedAors>;
  /** The records of AORs of one shard, in the order asked for. */
  readTogether(shard: number, aors: readonly string[]): Promise<RecordsTogether>;
  /**
   * The changes of a shard after a position, in order, at most `limit`. Undefined where it cannot be said that these are
   * all: older entries are dropped, and a store that lost what it had (a fail-over, a flush) does not know the position.
   */
  readLog(shard: number, after: LogPosition, limit: number): Promise<LoggedChange[] | undefined>;
  /** A secret that all processes with this store share. */
  sharedSecret(): Promise<Buffer>;
  /** Undefined while the store answers, else the problem in words. */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}
