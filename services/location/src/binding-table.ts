import {
  applyRegistration,
  type Binding,
  type BindingRecord,
  currentBindings,
  expireBindings,
  type Registration,
  type RegistrationResult,
  removeBindings,
} from '@rollcall/bindings';
import type { Clock } from '@rollcall/runtime';
import { AorQueue } from './aor-queue.ts';
import type { ChangeFeed } from './change-feed.ts';
import { deadlineExceeded, revisionConflict } from './faults.ts';
import type { LocationMetrics } from './metrics.ts';
import type { BindingStore, RecordWrite, VersionedRecord } from './store/binding-store.ts';
import type { StoreTraces } from './store-traces.ts';

/** How often an update is decided anew because another process changed the record meanwhile. */
const maxAttempts = 16;

/** Longest wait between attempts. A process with many updates of one AOR would otherwise win against the others each time. */
const longestBackOffMs = 32;

/** What a rule decided about a record: nothing to write, or a write. */
interface Decision extends RecordWrite {
  readonly changed: boolean;
}

/** One update of an AOR: what it decides on the record as it finds it, and who waits for that. */
interface PendingUpdate {
  readonly deadlineAtMs: number;
  /** W3C trace context; empty where it is not traced. */
  readonly traceparent: string;
  readonly decide: (record: BindingRecord | undefined, nowMs: number) => Decision;
  readonly resolve: (decision: Decision) => void;
  readonly reject: (error: unknown) => void;
}

/** The binding table: the rules of @rollcall/bindings, applied to records of a store by compare-and-set. */
export class BindingTable {
  readonly #store: BindingStore;
  readonly #clock: Clock;
  readonly #feed: ChangeFeed;
  readonly #metrics: LocationMetrics;
  readonly #traces: StoreTraces | undefined;
  readonly #queue = new AorQueue<PendingUpdate>((aor, lot) => this.#settle(aor, lot));

  constructor(parts: {
    store: BindingStore;
    clock: Clock;
    feed: ChangeFeed;
    metrics: LocationMetrics;
    traces?: StoreTraces | undefined;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#feed = parts.feed;
    this.#metrics = parts.metrics;
    this.#traces = parts.traces;
  }

  /**
   * Applies one registration, atomically and in order of arrival for its AOR.
   *
   * @param deadlineAtMs when the caller stops waiting, in milliseconds since 1970
   * @param traceparent W3C trace context; empty where it is not traced
   * @throws ServiceFault where the store fails, too many updates wait, or the time is over
   */
  apply(
    aor: string,
    registration: Registration,
    deadlineAtMs: number,
    traceparent = '',
  ): Promise<RegistrationResult> {
    return this.#update(
      aor,
      deadlineAtMs,
      (record, nowMs) => applyRegistration(record, registration, nowMs),
      traceparent,
    );
  }

  /**
   * Removes bindings that somebody else than their phone chose from the current ones; undefined where the choice is to refuse.
   *
   * @param choose gives the bindings to remove (perhaps none), or why nothing may be removed
   * @param change what watchers are told
   * @throws ServiceFault as apply does
   */
  remove<Refusal extends string>(
    aor: string,
    choose: (bindings: readonly Binding[]) => readonly Binding[] | Refusal,
    deadlineAtMs: number,
    change: 'deactivated' | 'flow-failed' = 'deactivated',
  ): Promise<{
    readonly refusal: Refusal | undefined;
    readonly bindings: Binding[];
    readonly changes: RecordWrite['changes'];
  }> {
    return this.#update(aor, deadlineAtMs, (record, nowMs) => {
      const chosen = choose(currentBindings(record, nowMs));
      const refusal = typeof chosen === 'string' ? chosen : undefined;
      const isRemoved = (binding: Binding) => typeof chosen !== 'string' && chosen.includes(binding);
      return { ...removeBindings(record, isRemoved, nowMs, change), refusal };
    });
  }

  /** The current bindings of an AOR, as the store has them now. */
  async lookUp(aor: string, traceparent = ''): Promise<Binding[]> {
    const { record } = await (this.#traces === undefined
      ? this.#store.get(aor)
      : this.#traces.follow('get', [{ traceparent }], () => this.#store.get(aor)));
    return currentBindings(record, this.#clock.nowMs());
  }

  /** Takes expired bindings out of an AOR that the store says is due. */
  async expire(aor: string, deadlineAtMs: number): Promise<RecordWrite> {
    const decision = await this.#update(aor, deadlineAtMs, expireBindings);
    return decision.record !== undefined || decision.changed ? decision : this.#announceLoss(aor);
  }

  /** The store has dropped the record by itself: all that is left is the news that the AOR has no binding any more. */
  async #announceLoss(aor: string): Promise<RecordWrite> {
    if (!(await this.#store.forgetDue(aor))) return { record: undefined, changes: [] };
    const changes = [{ change: 'expired', binding: undefined }] as const;
    this.#metrics.countChanges(changes);
    this.#feed.publish(aor, changes, this.#clock.nowMs());
    return { record: undefined, changes };
  }

  #update<T extends Decision>(
    aor: string,
    deadlineAtMs: number,
    decide: (record: BindingRecord | undefined, nowMs: number) => T,
    traceparent = '',
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      // The decision that comes back is the one that `decide` made.
      this.#queue.add(aor, {
        deadlineAtMs,
        traceparent,
        decide,
        resolve: resolve as (decision: Decision) => void,
        reject,
      });
    });
  }

  /** Settles a lot of updates of one AOR, whatever happens. */
  async #settle(aor: string, lot: readonly PendingUpdate[]): Promise<void> {
    try {
      await this.#write(aor, lot);
    } catch (error) {
      for (const update of lot) update.reject(error);
    }
  }

  /**
   * Decides the updates one after the other on what this process remembers of the record, and writes what came of all of
   * them at once: a refresh that comes by the same process costs one command. A decision to write nothing was proved by
   * no write, so it needs the record itself.
   */
  async #write(aor: string, lot: readonly PendingUpdate[]): Promise<void> {
    let known: VersionedRecord = this.#store.recall(aor);
    let certain = false;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const nowMs = this.#clock.nowMs();
      const updates = dropLate(lot, nowMs);
      if (updates.length === 0) return;
      const { decisions, write } = decideAll(updates, known.record, nowMs);
      const current =
        write === undefined
          ? await this.#proveNothing(aor, certain, updates)
          : await this.#save(aor, known.revision, write, updates);
      if (current === undefined) {
        if (write !== undefined) {
          this.#metrics.countChanges(write.changes);
          this.#feed.publish(aor, write.changes, nowMs);
        }
        updates.forEach((update, index) => {
          update.resolve(decisions[index] as Decision);
        });
        return;
      }
      if (write !== undefined) {
        if (certain) {
          this.#metrics.conflicts.inc();
          await this.#backOff(attempt);
        } else {
          this.#metrics.staleGuesses.inc();
        }
      }
      known = current;
      certain = true;
    }
    throw revisionConflict(maxAttempts);
  }

  /** Undefined where the record is already known for certain; else the record. */
  async #proveNothing(
    aor: string,
    certain: boolean,
    updates: readonly PendingUpdate[],
  ): Promise<VersionedRecord | undefined> {
    if (certain) return undefined;
    return this.#traces === undefined
      ? this.#store.get(aor)
      : this.#traces.follow('get', updates, () => this.#store.get(aor));
  }

  #save(
    aor: string,
    revision: number,
    write: RecordWrite,
    updates: readonly PendingUpdate[],
  ): Promise<VersionedRecord | undefined> {
    return this.#traces === undefined
      ? this.#store.compareAndSet(aor, revision, write)
      : this.#traces.follow('save', updates, () => this.#store.compareAndSet(aor, revision, write));
  }

  /** Waits for a random time that grows from attempt to attempt. */
  #backOff(attempt: number): Promise<void> {
    const delayMs = Math.random() * Math.min(2 ** attempt, longestBackOffMs);
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }
}

/** The updates that are still waited for; the others are told that their time is over. */
function dropLate(lot: readonly PendingUpdate[], nowMs: number): readonly PendingUpdate[] {
  if (lot.every(({ deadlineAtMs }) => nowMs < deadlineAtMs)) return lot;
  for (const update of lot) if (nowMs >= update.deadlineAtMs) update.reject(deadlineExceeded());
  return lot.filter(({ deadlineAtMs }) => nowMs < deadlineAtMs);
}

/** Each decision is made on what the one before it left; the write is undefined where none of them changes anything. */
function decideAll(
  updates: readonly PendingUpdate[],
  known: BindingRecord | undefined,
  nowMs: number,
): { decisions: Decision[]; write: RecordWrite | undefined } {
  const decisions: Decision[] = [];
  let record = known;
  let write: RecordWrite | undefined;
  for (const { decide } of updates) {
    const decision = decide(record, nowMs);
    decisions.push(decision);
    if (!decision.changed) continue;
    record = decision.record;
    write = {
      record,
      changes: write === undefined ? decision.changes : [...write.changes, ...decision.changes],
    };
  }
  return { decisions, write };
}
