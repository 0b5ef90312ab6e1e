import type { Binding } from '@rollcall/bindings';
import type { Clock, Logger } from '@rollcall/runtime';
import { bindingIdOf } from '../binding-id.ts';
import type { BindingStore, LoggedChange } from '../store/binding-store.ts';
import { comparePositions, type LogPosition } from '../store/log-position.ts';

/** How often the logs of the shards that somebody follows are read. */
const tickMs = 100;

/** Changes read with one command. */
const changesTogether = 512;

/** Who is told what a log gets. */
export interface TailListener {
  /** True for AORs that it wants to be told of. */
  wants(aor: string): boolean;
  /** Changes that it wants, in order, perhaps none; all up to `upTo` is told by now. */
  onChanges(shard: number, changes: readonly LoggedChange[], upTo: LogPosition): void;
  /** Changes after its position are no longer known. It is told nothing more. */
  onGap(): void;
}

/** One listener's place in one log. */
interface Follower {
  readonly listener: TailListener;
  position: LogPosition;
}

/**
 * Follows the logs of changes for all watches of this process: each log that somebody wants is read once, whatever the
 * number of listeners. One that is behind the others is read for from its own place until it has caught up.
 */
export class ChangeTail {
  readonly #store: BindingStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #followers = new Map<number, Set<Follower>>();
  #timer: { cancel(): void } | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #failing = false;
  #closed = false;
  #readAtMs = 0;

  constructor(parts: { store: BindingStore; clock: Clock; logger: Logger }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** When all logs were last read, in milliseconds since 1970: watches that hear nothing since know nothing. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  /** Tells the listener what a shard's log gets after a position; returns how to end that. */
  follow(shard: number, after: LogPosition, listener: TailListener): () => void {
    const follower: Follower = { listener, position: after };
    const followers = this.#followers.get(shard) ?? new Set();
    this.#followers.set(shard, followers.add(follower));
    this.#arm();
    return () => this.#leave(shard, follower);
  }

  /** Ends it, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #leave(shard: number, follower: Follower): void {
    const followers = this.#followers.get(shard);
    followers?.delete(follower);
    if (followers?.size === 0) this.#followers.delete(shard);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#isRunning || this.#closed || this.#followers.size === 0) return;
    this.#timer = this.#clock.after(tickMs, () => {
      this.#timer = undefined;
      this.#isRunning = true;
      this.#running = this.#tick().finally(() => {
        this.#isRunning = false;
        this.#arm();
      });
    });
  }

  async #tick(): Promise<void> {
    try {
      await Promise.all([...this.#followers.keys()].map((shard) => this.#catchUp(shard)));
      this.#readAtMs = this.#clock.nowMs();
      this.#failing = false;
    } catch (error) {
      // The store says itself that it is down; once per outage is enough here.
      if (!this.#failing) this.#logger.warn({ err: error }, 'changes cannot be read for watches');
      this.#failing = true;
    }
  }

  async #catchUp(shard: number): Promise<void> {
    for (;;) {
      const followers = [...(this.#followers.get(shard) ?? [])];
      const start = earliest(followers);
      if (start === undefined || this.#closed) return;
      const changes = await this.#store.readLog(shard, start, changesTogether);
      // What was read begins at `start`: it says nothing to those who joined further back meanwhile.
      const present = followers.filter((each) => this.#followers.get(shard)?.has(each) === true);
      if (changes === undefined) {
        for (const each of present.filter(({ position }) => comparePositions(position, start) === 0)) {
          this.#leave(shard, each);
          each.listener.onGap();
        }
        continue;
      }
      const last = changes.at(-1);
      if (last === undefined) return;
      const known = await this.#withRefreshed(shard, changes, present);
      for (const each of present) this.#tell(shard, each, known, last.position);
      if (changes.length < changesTogether) return;
    }
  }

  #tell(shard: number, follower: Follower, changes: readonly LoggedChange[], upTo: LogPosition): void {
    if (comparePositions(upTo, follower.position) <= 0) return;
    if (this.#followers.get(shard)?.has(follower) !== true) return;
    const { listener, position } = follower;
    follower.position = upTo;
    const news = changes.filter(
      (change) => comparePositions(change.position, position) > 0 && listener.wants(change.aor),
    );
    listener.onChanges(shard, news, upTo);
  }

  /**
   * Adds to refreshes the bindings as they are now, one read for all. A refreshed binding that is gone by now has its
   * removal further on in the log, and there is nothing to say of its refresh.
   */
  async #withRefreshed(
    shard: number,
    changes: readonly LoggedChange[],
    followers: readonly Follower[],
  ): Promise<readonly LoggedChange[]> {
    const refreshed = new Set<string>();
    for (const { aor, change } of changes) {
      if (change === 'refreshed' && followers.some(({ listener }) => listener.wants(aor))) refreshed.add(aor);
    }
    const aors = [...refreshed];
    const { records } = aors.length === 0 ? { records: [] } : await this.#store.readTogether(shard, aors);
    const bindings = new Map(aors.map((aor, index) => [aor, byId(records[index]?.record?.bindings ?? [])]));
    return changes.flatMap((change) => {
      if (change.change !== 'refreshed') return [change];
      const binding = bindings.get(change.aor)?.get(change.bindingId);
      return binding === undefined ? [] : [{ ...change, binding }];
    });
  }
}

function byId(bindings: readonly Binding[]): ReadonlyMap<string, Binding> {
  return new Map(bindings.map((binding) => [bindingIdOf(binding), binding]));
}

function earliest(followers: readonly Follower[]): LogPosition | undefined {
  let first: LogPosition | undefined;
  for (const { position } of followers) {
    if (first === undefined || comparePositions(position, first) < 0) first = position;
  }
  return first;
}
