import { randomUUID } from 'node:crypto';
import { keepUntilMs, nextExpiryAtMs } from '@rollcall/bindings';
import { ServiceFault } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { LocationMetrics, StoreOperation, StoreOutcome } from '../metrics.ts';
import type { BindingStore, RecordWrite, VersionedRecord } from './binding-store.ts';
import { RecordCache } from './record-cache.ts';
import { decodeValue, encodeChange, encodeRevision, encodeValue } from './record-codec.ts';
import { shardOf, shards } from './redis-keys.ts';
import { RedisLink } from './redis-link.ts';
import { ReplicaAcks } from './replica-acks.ts';
import { nextRevision } from './revisions.ts';
import type { RedisTarget } from './store-target.ts';

/** How much longer than its last binding a record's key lives: the sweep wants to announce what it held. */
const keyMarginMs = 750;

/** Changes kept for those who resume a watch, in each shard. Bounds the log to some MiB whatever the table's size. */
const changesPerShard = 1024;

/** How long a process sweeps a shard without renewal: after its death another takes over within this time. */
const sweepLeaseMs = 1000;

/** Most due AORs of one shard in one tick. */
const duePerShard = 256;

const empty = Buffer.alloc(0);

/** What a Redis store is made of. */
export interface RedisStoreParts {
  readonly target: RedisTarget;
  /** Replicas that must have a write before it counts as stored. */
  readonly minReplicasAck: number;
  /** Most records remembered here, each about a kilobyte. */
  readonly cacheSize: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: LocationMetrics;
}

/** Keeps records in Redis or Valkey, one key for each AOR; see redis-keys.ts for the layout. */
export class RedisBindingStore implements BindingStore {
  readonly #link: RedisLink;
  readonly #acks: ReplicaAcks;
  readonly #cache: RecordCache;
  readonly #clock: Clock;
  readonly #metrics: LocationMetrics;
  /** Names this process as sweeper. */
  readonly #name = randomUUID();

  constructor(parts: RedisStoreParts) {
    this.#link = new RedisLink(parts);
    this.#acks = new ReplicaAcks(this.#link, parts.minReplicasAck);
    this.#cache = new RecordCache(parts.cacheSize);
    this.#clock = parts.clock;
    this.#metrics = parts.metrics;
  }

  recall(aor: string): VersionedRecord {
    return this.#cache.get(aor);
  }

  async get(aor: string): Promise<VersionedRecord> {
    const value = await this.#timed('get', () =>
      this.#link.run((redis) => redis.getBuffer(shardOf(aor).recordPrefix + aor)),
    );
    const seen = decodeValue(value);
    this.#cache.set(aor, seen);
    return seen;
  }

  async compareAndSet(
    aor: string,
    expectedRevision: number,
    write: RecordWrite,
  ): Promise<VersionedRecord | undefined> {
    const { record } = write;
    const startMs = this.#clock.nowMs();
    const revision = record === undefined ? 0 : nextRevision(expectedRevision, startMs);
    const reply = await this.#save(aor, expectedRevision, revision, write).catch((error: unknown) => {
      this.#observe('save', 'error', startMs);
      throw error;
    });
    if (reply === 1) {
      this.#cache.set(aor, { revision, record });
      await this.#acks.confirm();
      this.#observe('save', 'success', startMs);
      return undefined;
    }
    const current = decodeValue(reply instanceof Buffer ? reply : null);
    this.#cache.set(aor, current);
    this.#observe('save', 'conflict', startMs);
    return current;
  }

  async takeDue(nowMs: number): Promise<string[]> {
    this.#link.collect();
    const answers = await this.#timed('sweep', () =>
      Promise.all(
        shards.map((keys) =>
          this.#link.run((redis) =>
            redis.rcTakeDueBuffer(keys.expiries, keys.sweeper, this.#name, nowMs, sweepLeaseMs, duePerShard),
          ),
        ),
      ),
    );
    let aors = 0;
    const due: string[] = [];
    for (const answer of answers) {
      const [size, ...names] = answer as [number, ...Buffer[]];
      aors += size;
      for (const name of names) due.push(name.toString('latin1'));
    }
    this.#metrics.aors.set(aors);
    return due;
  }

  async forgetDue(aor: string): Promise<boolean> {
    const { recordPrefix, expiries, changes } = shardOf(aor);
    const reply = await this.#link.run((redis) =>
      redis.rcForgetDue(recordPrefix + aor, expiries, changes, aor, changesPerShard),
    );
    return reply === 1;
  }

  async check(): Promise<string | undefined> {
    if (this.#link.problem !== undefined) return this.#link.problem;
    try {
      await this.#link.run((redis) => redis.ping());
      return undefined;
    } catch (error) {
      return error instanceof ServiceFault ? error.message : String(error);
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #save(aor: string, expectedRevision: number, revision: number, write: RecordWrite): Promise<unknown> {
    const { record, changes } = write;
    const keys = shardOf(aor);
    const args: (string | number | Buffer)[] = [
      keys.recordPrefix + aor,
      keys.expiries,
      keys.changes,
      encodeRevision(expectedRevision),
      record === undefined ? empty : encodeValue(revision, record),
      record === undefined ? '' : keepUntilMs(record) + keyMarginMs,
      record === undefined ? '' : (nextExpiryAtMs(record) ?? ''),
      aor,
      changesPerShard,
    ];
    for (const { change, binding } of changes) {
      // Refreshes are nearly all of the log: whoever needs to know what one brought reads the record.
      args.push(change, change === 'refreshed' ? empty : encodeChange(binding));
    }
    return this.#link.run((redis) => redis.rcSaveBuffer(...args));
  }

  async #timed<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    const startMs = this.#clock.nowMs();
    let outcome: StoreOutcome = 'error';
    try {
      const result = await work();
      outcome = 'success';
      return result;
    } finally {
      this.#observe(operation, outcome, startMs);
    }
  }

  #observe(operation: StoreOperation, outcome: StoreOutcome, startMs: number): void {
    this.#metrics.observeStore(operation, outcome, (this.#clock.nowMs() - startMs) / 1000);
  }
}
