import { randomBytes, randomUUID } from 'node:crypto';
import { keepUntilMs, nextExpiryAtMs } from '@rollcall/bindings';
import type { RedisSettings, RedisTarget, RedisTls } from '@rollcall/redis';
import { ServiceFault } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { LocationMetrics, StoreOperation, StoreOutcome } from '../metrics.ts';
import type {
  BindingStore,
  DueAors,
  ListedAors,
  LoggedChange,
  RecordsTogether,
  RecordWrite,
  VersionedRecord,
} from './binding-store.ts';
import {
  comparePositions,
  formatPosition,
  type LogPosition,
  logStart,
  readPosition,
} from './log-position.ts';
import { RecordCache } from './record-cache.ts';
import { decodeChange, decodeValue, encodeChange, encodeRevision, encodeValue } from './record-codec.ts';
import { RedisKeys, shardCount } from './redis-keys.ts';
import { RedisLink } from './redis-link.ts';
import { ReplicaAcks } from './replica-acks.ts';
import { nextRevision } from './revisions.ts';
import { SaveQueue } from './save-queue.ts';

/** How much longer than its last binding a record's key lives: the sweep wants to announce what it held. */
const keyMarginMs = 750;

/** How long the records of those that are due are kept until their turn comes: a hundred thousand take some seconds. */
const holdMs = 60_000;

/** How long a process sweeps a shard without renewal: after its death another takes over within this time. */
const sweepLeaseMs = 1000;

/**
 * Most due AORs of one shard that are named at once: 4,096 of all shards, fewer than can be taken out while their leases
 * last. Named in turn, the shards have their expiries announced side by side, and no log of changes gets many at once.
 */
const duePerShard = 64;

const empty = Buffer.alloc(0);

/** What a Redis store is made of. */
export interface RedisStoreParts {
  readonly target: RedisTarget;
  readonly settings: RedisSettings;
  /** Needed where the target uses TLS. */
  readonly tls: RedisTls | undefined;
  /** Replicas that must have a write before it counts as stored. */
  readonly minReplicasAck: number;
  /** Most records remembered here, each about a kilobyte. */
  readonly cacheSize: number;
  /** Changes kept in each shard for those who resume a watch: bounds the log whatever the table's size. */
  readonly watchHistory: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: LocationMetrics;
}

/** Keeps records in Redis or Valkey, one key for each AOR; see redis-keys.ts for the layout. */
export class RedisBindingStore implements BindingStore {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #acks: ReplicaAcks;
  readonly #saves: SaveQueue;
  readonly #cache: RecordCache;
  readonly #clock: Clock;
  readonly #watchHistory: number;
  readonly #metrics: LocationMetrics;
  /** For each shard, up to which expiry the records that are due have been held; 0 where others sweep it. */
  readonly #heldUpToMs = new Array<number>(shardCount).fill(0);
  /** Names this process as sweeper. */
  readonly #name = randomUUID();

  constructor(parts: RedisStoreParts) {
    this.#link = new RedisLink(parts);
    this.#keys = new RedisKeys(parts.settings.storeKeyPrefix);
    this.#acks = new ReplicaAcks(this.#link, parts.minReplicasAck);
    this.#saves = new SaveQueue(this.#link, parts.watchHistory);
    this.#cache = new RecordCache(parts.cacheSize);
    this.#clock = parts.clock;
    this.#watchHistory = parts.watchHistory;
    this.#metrics = parts.metrics;
  }

  recall(aor: string): VersionedRecord {
    return this.#cache.get(aor);
  }

  async get(aor: string): Promise<VersionedRecord> {
    const value = await this.#timed('get', () =>
      this.#link.run((redis) => redis.getBuffer(this.#keys.of(aor).recordPrefix + aor)),
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
    let reply: unknown;
    try {
      reply = await this.#save(aor, expectedRevision, revision, write);
    } catch (error) {
      this.#observe('save', 'error', startMs);
      throw error;
    }
    if (reply === 1) {
      this.#cache.set(aor, { revision, record });
      if (this.#acks.wanted) await this.#acks.confirm();
      this.#observe('save', 'success', startMs);
      return undefined;
    }
    const current = decodeValue(reply instanceof Buffer ? reply : null);
    this.#cache.set(aor, current);
    this.#observe('save', 'conflict', startMs);
    return current;
  }

  async takeDue(nowMs: number): Promise<DueAors> {
    this.#link.collect();
    const answers = await this.#timed('sweep', () =>
      Promise.all(
        this.#keys.shards.map((keys, shard) =>
          this.#link.run((redis) =>
            redis.rcTakeDueBuffer(
              keys.expiries,
              keys.sweeper,
              keys.extras,
              ...[this.#name, nowMs, sweepLeaseMs, duePerShard],
              ...[keys.recordPrefix, this.#heldUpToMs[shard] ?? 0, holdMs],
            ),
          ),
        ),
      ),
    );
    let aors = 0;
    let extras = 0;
    let total = 0;
    const due: string[] = [];
    for (const [shard, answer] of answers.entries()) {
      const [size, beyondFirst, dueHere, ...names] = answer as [number, number, number, ...Buffer[]];
      aors += size;
      extras += beyondFirst;
      total += Math.max(0, dueHere);
      // Another process that swept in between held what was due for it, and not for how long it is gone.
      this.#heldUpToMs[shard] = dueHere < 0 ? 0 : nowMs;
      for (const name of names) due.push(name.toString('latin1'));
    }
    this.#metrics.aors.set(aors);
    this.#metrics.bindings.set(aors + extras);
    return { aors: due, total };
  }

  async forgetDue(aor: string): Promise<boolean> {
    const { recordPrefix, expiries, changes, extras } = this.#keys.of(aor);
    const reply = await this.#link.run((redis) =>
      redis.rcForgetDue(recordPrefix + aor, expiries, changes, extras, aor, this.#watchHistory),
    );
    return reply === 1;
  }

  async listAors(shard: number, suffix: string): Promise<ListedAors> {
    const { changes, expiries } = this.#keys.shard(shard);
    const answer = await this.#timed('list', () =>
      this.#link.run((redis) => redis.rcListAorsBuffer(changes, expiries, suffix)),
    );
    const [end = empty, ...aors] = answer as Buffer[];
    return {
      aors: aors.map((aor) => aor.toString('latin1')),
      end: readPosition(end.toString('latin1')),
    };
  }

  async readTogether(shard: number, aors: readonly string[]): Promise<RecordsTogether> {
    const { changes, recordPrefix } = this.#keys.shard(shard);
    const keys = [changes, ...aors.map((aor) => recordPrefix + aor)];
    const answer = await this.#timed('get', () =>
      this.#link.run((redis) => redis.rcReadTogetherBuffer(keys.length, ...keys)),
    );
    const [end, ...values] = answer as [Buffer, ...(Buffer | null)[]];
    const records = aors.map((_, index) => decodeValue(values[index] ?? null));
    return { records, end: readPosition(end.toString('latin1')) };
  }

  async readLog(shard: number, after: LogPosition, limit: number): Promise<LoggedChange[] | undefined> {
    const fromStart = comparePositions(after, logStart) === 0;
    const answer = await this.#timed('log', () =>
      this.#link.run((redis) =>
        redis.rcReadLogBuffer(
          this.#keys.shard(shard).changes,
          formatPosition(after),
          fromStart ? limit : limit + 1,
        ),
      ),
    );
    const [length, entries] = answer as [number, [Buffer, Buffer[]][]];
    const changes = entries.map(([id, fields]) => decodeChange(id, fields));
    // A log shorter than that was never trimmed; MAXLEN with "~" keeps at least as many.
    if (fromStart) return length < this.#watchHistory ? changes : undefined;
    // The entry of the position itself proves that nothing after it is missing, and that this is the log it is from.
    const [known, ...rest] = changes;
    return known !== undefined && comparePositions(known.position, after) === 0 ? rest : undefined;
  }

  async sharedSecret(): Promise<Buffer> {
    const own = randomBytes(32);
    const there = await this.#link.run((redis) => redis.setBuffer(this.#keys.secret, own, 'NX', 'GET'));
    return there ?? own;
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
    const { recordPrefix, expiries, changes: log, extras } = this.#keys.of(aor);
    const args: (string | number | Buffer)[] = [
      encodeRevision(expectedRevision),
      record === undefined ? empty : encodeValue(revision, record),
      record === undefined ? '' : keepUntilMs(record) + keyMarginMs,
      record === undefined ? '' : (nextExpiryAtMs(record) ?? ''),
      aor,
      changes.some(({ change }) => change !== 'refreshed')
        ? Math.max(0, (record?.bindings.length ?? 0) - 1)
        : '',
      changes.length,
    ];
    for (const change of changes) args.push(change.change, encodeChange(change));
    return this.#saves.add({ keys: [recordPrefix + aor, expiries, log, extras], args });
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
