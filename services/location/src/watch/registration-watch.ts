import type { Binding } from '@rollcall/bindings';
import {
  EventType,
  type PacedSink,
  type PacedStream,
  type RegistrationEvent,
  ServiceFault,
  type WatchRegistrationsResponse,
} from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import { bindingIdOf } from '../binding-id.ts';
import { revisionCompacted, slowConsumer, storeUnavailable } from '../faults.ts';
import type { LocationMetrics } from '../metrics.ts';
import { toPublicBinding } from '../proto-mapping.ts';
import type { BindingStore, LoggedChange } from '../store/binding-store.ts';
import { comparePositions, type LogPosition, revisionOf } from '../store/log-position.ts';
import type { ChangeTail, TailListener } from './change-tail.ts';
import { isIncluded, readShardState, type ShardState, type StatePart } from './initial-state.ts';
import { formatResumeToken } from './resume-token.ts';
import { eventTypes, WatchOutbox } from './watch-outbox.ts';
import type { WatchScope } from './watch-scope.ts';

/** Events that may wait for a reader before it has to start over from its last token: some 8 MB. */
const maxWaiting = 8192;

/** The initial state waits while so many events do. */
const stateWaiting = 1024;

/** How often a reader that has nothing to hear gets a bookmark; half of what the contract promises. */
const bookmarkMs = 5000;

/** A reader gets no bookmark where the logs could not be read for so long: it would say that all is told. */
const staleMs = 2000;

/** What watches are made of. */
export interface WatchParts {
  readonly store: BindingStore;
  readonly tail: ChangeTail;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: LocationMetrics;
}

/** How a watch begins. */
export interface WatchStart {
  readonly scope: WatchScope;
  /** Where it was told up to; undefined for a new watch. */
  readonly resume: ReadonlyMap<number, LogPosition> | undefined;
  readonly skipInitialState: boolean;
}

/** One watch: the initial state shard by shard, then what the logs of its shards get. */
export class RegistrationWatch implements TailListener, PacedStream {
  readonly #parts: WatchParts;
  readonly #start: WatchStart;
  readonly #sink: PacedSink<WatchRegistrationsResponse>;
  readonly #onOver: () => void;
  readonly #outbox: WatchOutbox;
  readonly #unfollow: (() => void)[] = [];
  /** States whose included changes may still come. */
  readonly #states = new Map<number, ShardState>();
  #mayWrite = true;
  #roomWanted: (() => void) | undefined;
  #timer: { cancel(): void } | undefined;
  #flushDue = false;
  #over = false;
  readonly #begunAtMs: number;

  /** @param onOver called once, however it ends */
  constructor(
    parts: WatchParts,
    start: WatchStart,
    sink: PacedSink<WatchRegistrationsResponse>,
    onOver: () => void,
  ) {
    this.#parts = parts;
    this.#start = start;
    this.#sink = sink;
    this.#onOver = onOver;
    this.#begunAtMs = parts.clock.nowMs();
    this.#outbox = new WatchOutbox(start.resume ?? new Map(), start.resume !== undefined, (told) =>
      formatResumeToken(start.scope, told),
    );
    // Nothing is told from within the call that opens the watch.
    setImmediate(() => void this.#run());
  }

  wants(aor: string): boolean {
    return this.#start.scope.wants(aor);
  }

  onChanges(shard: number, changes: readonly LoggedChange[], upTo: LogPosition): void {
    if (this.#over) return;
    const state = this.#states.get(shard);
    const news =
      state === undefined
        ? changes
        : changes.filter(({ aor, position }) => !isIncluded(state, aor, position));
    if (state !== undefined && comparePositions(state.end, upTo) <= 0) this.#states.delete(shard);
    const nowMs = this.#parts.clock.nowMs();
    this.#outbox.addChanges(
      shard,
      news.map((change) => toEvent(change, nowMs)),
      upTo,
    );
    if (this.#outbox.waiting > maxWaiting) {
      this.#parts.metrics.watchResyncs.slowConsumer.inc();
      this.#fail(slowConsumer(this.#outbox.waiting));
    } else {
      this.#flushSoon();
    }
  }

  onGap(): void {
    this.#parts.metrics.watchResyncs.compacted.inc();
    this.#fail(revisionCompacted());
  }

  resume(): void {
    this.#mayWrite = true;
    this.#flush();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    for (const unfollow of this.#unfollow) unfollow();
    this.#roomWanted?.();
    this.#onOver();
  }

  async #run(): Promise<void> {
    const { resume, scope, skipInitialState } = this.#start;
    this.#bookmarkLater();
    if (resume !== undefined) {
      for (const shard of scope.shards) this.#follow(shard, resume.get(shard) ?? { ms: 0, seq: 0 });
      this.#outbox.addEnd();
      this.#flush();
      return;
    }
    try {
      for (const shard of scope.shards) {
        if (this.#over) return;
        await this.#begin(shard, skipInitialState);
      }
    } catch (error) {
      this.#onError(error);
      return;
    }
    if (this.#over) return;
    this.#outbox.addEnd();
    this.#flush();
  }

  async #begin(shard: number, skipInitialState: boolean): Promise<void> {
    const { store } = this.#parts;
    if (skipInitialState) {
      const { end } = await store.readTogether(shard, []);
      this.#follow(shard, end);
      return;
    }
    const { scope } = this.#start;
    const state = await readShardState(shard, scope, this.#parts, (part) => this.#addState(part));
    if (comparePositions(state.end, state.start) > 0) this.#states.set(shard, state);
    this.#follow(shard, state.start);
  }

  #addState({ bound, position }: StatePart): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const events = bound.flatMap(({ aor, bindings }) =>
      bindings.map((binding) => toStateEvent(aor, binding, position, nowMs)),
    );
    this.#outbox.addState(events);
    this.#flush();
    if (this.#over || this.#outbox.waiting < stateWaiting) return Promise.resolve();
    return new Promise((resolve) => {
      this.#roomWanted = resolve;
    });
  }

  #follow(shard: number, after: LogPosition): void {
    if (this.#over) return;
    this.#outbox.begin(shard, after);
    this.#unfollow.push(this.#parts.tail.follow(shard, after, this));
  }

  /** What one tick of the tail brings from several shards leaves together. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#mayWrite && !this.#over) {
      const response = this.#outbox.take();
      if (response === undefined) break;
      this.#send(response);
    }
    if (this.#roomWanted === undefined || this.#outbox.waiting >= stateWaiting) return;
    const resolve = this.#roomWanted;
    this.#roomWanted = undefined;
    resolve();
  }

  #send(response: WatchRegistrationsResponse): void {
    this.#count(response.events);
    this.#mayWrite = this.#sink.onResponse(response);
    this.#bookmarkLater();
  }

  #count(events: readonly RegistrationEvent[]): void {
    const { metrics, clock } = this.#parts;
    metrics.watchEvents.inc(events.length);
    const nowMs = clock.nowMs();
    for (const { type, time } of events) {
      const atMs = time?.getTime() ?? 0;
      // The store's clock may be a little ahead of ours.
      if (type !== EventType.SNAPSHOT && atMs >= this.#begunAtMs)
        metrics.watchLag.observe(Math.max(0, nowMs - atMs) / 1000);
    }
  }

  #bookmarkLater(): void {
    const { clock, tail } = this.#parts;
    this.#timer?.cancel();
    if (this.#over) return;
    this.#timer = clock.after(bookmarkMs, () => {
      const isFresh = clock.nowMs() - tail.readAtMs < staleMs;
      if (this.#mayWrite && this.#outbox.complete && isFresh) this.#send(this.#outbox.bookmark());
      else this.#bookmarkLater();
    });
  }

  #onError(error: unknown): void {
    if (error instanceof ServiceFault) {
      this.#fail(error);
      return;
    }
    this.#parts.logger.error({ err: error }, 'a watch failed');
    this.#fail(storeUnavailable('the initial state could not be read', error));
  }

  #fail(fault: ServiceFault): void {
    if (this.#over) return;
    this.cancel();
    this.#sink.onEnd(fault);
  }
}

function toEvent(
  { change, aor, binding, bindingId, position }: LoggedChange,
  nowMs: number,
): RegistrationEvent {
  return {
    type: eventTypes[change],
    aor,
    bindingId,
    binding: binding === undefined ? undefined : toPublicBinding(binding, nowMs),
    revision: revisionOf(position),
    time: new Date(position.ms),
    byOperator: change === 'deactivated',
  };
}

function toStateEvent(
  aor: string,
  binding: Binding,
  position: LogPosition,
  nowMs: number,
): RegistrationEvent {
  return {
    type: EventType.SNAPSHOT,
    aor,
    bindingId: bindingIdOf(binding),
    binding: toPublicBinding(binding, nowMs),
    revision: revisionOf(position),
    time: new Date(binding.registeredAtMs),
    byOperator: false,
  };
}
