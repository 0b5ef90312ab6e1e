import type { StatusObject } from '@grpc/grpc-js';
import type { Backend } from './backend.ts';
import type { BackendPool } from './backend-pool.ts';
import { BatchStream, type BatchStreamOwner } from './batch-stream.ts';
import type { Call, CallContext } from './calls.ts';
import { Deadlines } from './deadlines.ts';
import { limits } from './limits.ts';
import type { BatchedMethod, ItemResult } from './methods.ts';
import type { ClientObserver } from './observer.ts';
import { PendingItem } from './pending-item.ts';
import type { RpcClock } from './rpc-clock.ts';
import { GrpcCode, rpcFault, type ServiceFault } from './service-fault.ts';
import { fromFaultMessage } from './status-details.ts';
import { WaitingRoom } from './waiting-room.ts';

/** How often an item is sent at most: once, and once more where its stream broke. All batched methods are idempotent. */
const maxAttempts = 2;

/**
 * A batched method as a call: one stream to each backend, what one turn of the event loop brings leaves as one message;
 * while answers are under way, what several turns bring within 4 ms.
 *
 * - All items of a turn go to one backend, the least loaded, so that batches fill; turns spread over the backends.
 * - An item ends at its deadline (looked at every 25 ms), or at once with OVERLOADED where too many are in flight.
 * - Where a stream breaks, its items are sent once more, elsewhere or on a new one, while their deadlines allow.
 * - Where no backend is ready an item waits 250 ms at most, and not at all once that has been so for longer.
 */
export class BatchedClient<Request, Response> implements BatchStreamOwner<Request, Response> {
  readonly #method: BatchedMethod<Request, Response>;
  readonly #pool: BackendPool;
  readonly #clock: RpcClock;
  readonly #observer: ClientObserver;
  readonly #maxInFlight: number;
  readonly #streams = new Set<BatchStream<Request, Response>>();
  readonly #current = new Map<Backend, BatchStream<Request, Response>>();
  readonly #waiting: WaitingRoom<PendingItem<Request, Response>>;
  readonly #deadlines: Deadlines;
  readonly #watching: { cancel(): void };
  /** Where this turn's items go; undefined at the start of a turn. */
  #chosen: BatchStream<Request, Response> | undefined;
  #turnEndDue = false;
  /** Set while items wait for the pace. */
  #pause: { cancel(): void } | undefined;
  #flushedAtMs = 0;
  #inFlight = 0;
  #closed = false;

  constructor(
    method: BatchedMethod<Request, Response>,
    pool: BackendPool,
    options: { clock: RpcClock; observer: ClientObserver; maxInFlight?: number | undefined },
  ) {
    this.#method = method;
    this.#pool = pool;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#maxInFlight = options.maxInFlight ?? limits.inFlight;
    this.#waiting = new WaitingRoom(options.clock);
    this.#deadlines = new Deadlines(options.clock, (nowMs) => this.#sweep(nowMs));
    this.#watching = pool.onChange(() => this.#onPoolChange());
  }

  /** One item. */
  readonly call: Call<Request, Response> = (request, context) =>
    new Promise((resolve, reject) => this.#start(request, context, resolve, reject));

  /** Items that wait for their results. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Ends all streams; items in flight fail with CONNECTION_CLOSED. */
  close(): void {
    this.#closed = true;
    this.#watching.cancel();
    this.#deadlines.close();
    this.#pause?.cancel();
    for (const item of this.#waiting.takeAll()) this.#fail(item, this.#closedFault());
    for (const stream of this.#streams) stream.cancel();
  }

  onResult(item: PendingItem<Request, Response>, { result }: ItemResult<Response>): void {
    if (result?.$case === 'response') {
      this.#inFlight -= 1;
      this.#observer.onHandled(this.#method, GrpcCode.OK, this.#clock.nowMs() - item.startedAtMs);
      item.resolve(result.value);
    } else if (result !== undefined) {
      this.#fail(item, fromFaultMessage(result.value));
    } else {
      this.#fail(item, rpcFault('internal', 'a result without response and fault'));
    }
  }

  onBatch(items: number): void {
    this.#observer.onBatch(this.#method, items);
  }

  onSent(): void {
    this.#observer.onSent(this.#method);
  }

  onReceived(): void {
    this.#observer.onReceived(this.#method);
  }

  onWritable(stream: BatchStream<Request, Response>): void {
    stream.flush(this.#clock.nowMs());
  }

  onDraining(stream: BatchStream<Request, Response>): void {
    stream.backend.draining = true;
    this.#retireWhereReplaced();
  }

  onEnd(
    stream: BatchStream<Request, Response>,
    sent: readonly PendingItem<Request, Response>[],
    unsent: readonly PendingItem<Request, Response>[],
    status: StatusObject,
  ): void {
    this.#streams.delete(stream);
    if (this.#chosen === stream) this.#chosen = undefined;
    if (this.#current.get(stream.backend) === stream) this.#current.delete(stream.backend);
    if (status.code !== GrpcCode.OK) this.#waiting.avoid(stream.backend, this.#clock.nowMs());
    // A turn later, when a broken connection is known to be broken: else its backend might be chosen again.
    setImmediate(() => {
      const nowMs = this.#clock.nowMs();
      for (const item of unsent) this.#route(item, nowMs);
      for (const item of sent) this.#again(item, status, nowMs);
    });
  }

  onRefused(item: PendingItem<Request, Response>, reason: string): void {
    this.#fail(item, rpcFault('invalidRequest', `a request that cannot be sent: ${reason}`));
  }

  #start(
    request: Request,
    context: CallContext,
    resolve: (response: Response) => void,
    reject: (fault: ServiceFault) => void,
  ): void {
    const nowMs = this.#clock.nowMs();
    const item = new PendingItem<Request, Response>(request, context, nowMs, resolve, reject);
    this.#observer.onStarted(this.#method);
    this.#inFlight += 1;
    if (context.timeoutMs <= 0) {
      this.#expire(item);
      return;
    }
    this.#deadlines.arm();
    this.#route(item, nowMs);
  }

  #route(item: PendingItem<Request, Response>, nowMs: number): void {
    if (this.#closed) {
      this.#fail(item, this.#closedFault());
      return;
    }
    const chosen = this.#chosen;
    const stream =
      chosen === undefined || chosen.retired || chosen.queued >= limits.batchItems
        ? this.#choose(nowMs)
        : chosen;
    if (stream === undefined) {
      this.#wait(item, nowMs);
    } else if (stream.inFlight >= this.#maxInFlight) {
      this.#fail(item, this.#overloaded());
    } else {
      stream.add(item);
      if (this.#pause === undefined || stream.queued >= limits.batchItems) this.#flushAfterTurn();
    }
  }

  /** The stream for the items of this turn. */
  #choose(nowMs: number): BatchStream<Request, Response> | undefined {
    const backend = this.#pool.pick((each) =>
      this.#waiting.isAvoided(each, nowMs) ? Number.POSITIVE_INFINITY : (this.#usable(each)?.load ?? 0),
    );
    if (backend === undefined) return undefined;
    this.#waiting.available();
    this.#chosen = this.#usable(backend) ?? this.#open(backend);
    return this.#chosen;
  }

  /** The stream to a backend, if it can take items; one of an earlier connection is told to finish. */
  #usable(backend: Backend): BatchStream<Request, Response> | undefined {
    const stream = this.#current.get(backend);
    if (stream === undefined || stream.retired) return undefined;
    return stream.generation === backend.generation ? stream : undefined;
  }

  #open(backend: Backend): BatchStream<Request, Response> {
    this.#current.get(backend)?.retire();
    const stream = new BatchStream(backend, this.#method, this);
    this.#streams.add(stream);
    this.#current.set(backend, stream);
    return stream;
  }

  /** setImmediate runs once all that the poll phase read has been handled: that is what batches. No timer is involved. */
  #flushAfterTurn(): void {
    if (this.#turnEndDue) return;
    this.#turnEndDue = true;
    setImmediate(this.#onTurnEnd);
  }

  readonly #onTurnEnd = (): void => {
    this.#turnEndDue = false;
    const restMs = this.#flushedAtMs + limits.paceMs - this.#clock.nowMs();
    if (restMs > 0 && restMs <= limits.paceMs && this.#isBusy()) {
      this.#pause ??= this.#clock.after(restMs, this.#flush);
    } else this.#flush();
  };

  /**
   * Whether a message may wait for more items, as a segment waits in TCP (RFC 896): answers are under way, and no message
   * is full. A caller that comes now and then never waits.
   */
  #isBusy(): boolean {
    let underWay = false;
    for (const stream of this.#streams) {
      if (stream.queued >= limits.batchItems) return false;
      underWay ||= stream.inFlight > stream.queued;
    }
    return underWay;
  }

  readonly #flush = (): void => {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#chosen = undefined;
    const nowMs = this.#clock.nowMs();
    this.#flushedAtMs = nowMs;
    for (const stream of this.#streams) if (stream.queued > 0) stream.flush(nowMs);
  };

  #again(item: PendingItem<Request, Response>, status: StatusObject, nowMs: number): void {
    if (item.attempts < maxAttempts && item.deadlineAtMs > nowMs && !this.#closed) {
      this.#observer.onRetry(this.#method);
      this.#route(item, nowMs);
    } else {
      this.#fail(item, this.#closed ? this.#closedFault() : this.#pool.unavailable(status.details));
    }
  }

  #wait(item: PendingItem<Request, Response>, nowMs: number): void {
    if (!this.#waiting.mayWait(nowMs)) this.#fail(item, this.#pool.unavailable());
    else if (this.#waiting.size >= this.#maxInFlight) this.#fail(item, this.#overloaded());
    else this.#waiting.add(item);
  }

  #onPoolChange(): void {
    for (const stream of this.#streams) if (stream.backend.retired) stream.retire();
    this.#retireWhereReplaced();
    this.#routeWaiting(this.#clock.nowMs());
  }

  /** A draining backend is left once there is another; until then it still answers. */
  #retireWhereReplaced(): void {
    if (!this.#pool.ready.some(({ draining }) => !draining)) return;
    for (const stream of this.#streams) if (stream.backend.draining) stream.retire();
  }

  #routeWaiting(nowMs: number): void {
    if (this.#waiting.size === 0 || this.#choose(nowMs) === undefined) return;
    for (const item of this.#waiting.takeAll()) this.#route(item, nowMs);
  }

  /** @returns true while there is something to look at again */
  #sweep(nowMs: number): boolean {
    for (const stream of this.#streams) stream.sweep(nowMs, this.#expire);
    this.#routeWaiting(nowMs);
    this.#waiting.sweep(nowMs, this.#expire, (item) => this.#fail(item, this.#pool.unavailable()));
    return this.#inFlight > 0;
  }

  readonly #expire = (item: PendingItem<Request, Response>): void => {
    this.#fail(item, rpcFault('deadlineExceeded', `${this.#pool.target} did not answer in time`));
  };

  #fail(item: PendingItem<Request, Response>, fault: ServiceFault): void {
    this.#inFlight -= 1;
    this.#observer.onHandled(this.#method, fault.code, this.#clock.nowMs() - item.startedAtMs);
    item.reject(fault);
  }

  #overloaded(): ServiceFault {
    const message = `${this.#maxInFlight} calls to ${this.#pool.target} are in flight`;
    return rpcFault('overloaded', message, { retryAfterMs: limits.retryAfterMs });
  }

  #closedFault(): ServiceFault {
    return rpcFault('connectionClosed', `the connection to ${this.#pool.target} is closed`);
  }
}
