import { type ClientDuplexStream, Metadata, type StatusObject } from '@grpc/grpc-js';
import type { Backend } from './backend.ts';
import { type BatchOutlet, writeBatch } from './batch-writer.ts';
import { limits } from './limits.ts';
import { type BatchedMethod, type ItemBatch, pathOf, type ResultBatch } from './methods.ts';
import type { PendingItem } from './pending-item.ts';
import { SentItems } from './sent-items.ts';
import { decodeMessage } from './text-reader.ts';

/** What a stream tells its owner. */
export interface BatchStreamOwner<Request, Response> {
  onResult(item: PendingItem<Request, Response>, result: ResultBatch<Response>['results'][number]): void;
  onBatch(items: number): void;
  /** A message left. */
  onSent(): void;
  /** A message came. */
  onReceived(): void;
  /** The item cannot be sent at all. */
  onRefused(item: PendingItem<Request, Response>, reason: string): void;
  /** The connection takes more; there may be items queued. */
  onWritable(stream: BatchStream<Request, Response>): void;
  /** The server asked to finish and go. */
  onDraining(stream: BatchStream<Request, Response>): void;
  /** The stream is over. The items were sent but not answered, or not even sent. */
  onEnd(
    stream: BatchStream<Request, Response>,
    sent: readonly PendingItem<Request, Response>[],
    unsent: readonly PendingItem<Request, Response>[],
    status: StatusObject,
  ): void;
}

/** One batched stream to one backend: queues what one turn of the event loop brings, sends it, matches the results. */
export class BatchStream<Request, Response> {
  readonly backend: Backend;
  /** The connection that carries it; see {@link Backend.generation}. */
  readonly generation: number;
  /** True once it takes no more items. */
  retired = false;
  readonly #owner: BatchStreamOwner<Request, Response>;
  readonly #outlet: BatchOutlet<PendingItem<Request, Response>, ItemBatch<Request>>;
  readonly #call: ClientDuplexStream<Buffer, ResultBatch<Response>>;
  readonly #sent = new SentItems<PendingItem<Request, Response>>();
  #queued: PendingItem<Request, Response>[] = [];
  #mayWrite = true;
  #halfClosed = false;
  #ended = false;
  /** Items given up since the last result: a stalled backend must not look idle because its calls timed out. */
  #unanswered = 0;

  constructor(
    backend: Backend,
    method: BatchedMethod<Request, Response>,
    owner: BatchStreamOwner<Request, Response>,
  ) {
    this.backend = backend;
    this.generation = backend.generation;
    this.#owner = owner;
    this.#call = backend.client.makeBidiStreamRequest(
      pathOf(method),
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => decodeMessage(method.response, bytes),
      new Metadata(),
      {},
    );
    this.#outlet = {
      codec: method.request,
      wrap: (items) => ({ items: items as PendingItem<Request, Response>[] }),
      write: (bytes) => {
        owner.onSent();
        return this.#call.write(bytes);
      },
      refuse: (item, reason) => this.#refuse(item, reason),
    };
    this.#call.on('data', (batch: ResultBatch<Response>) => this.#onBatch(batch));
    this.#call.on('drain', () => {
      this.#mayWrite = true;
      owner.onWritable(this);
    });
    // Every ending comes as a status too; an error event without a listener would be thrown.
    this.#call.on('error', () => undefined);
    this.#call.on('status', (status: StatusObject) => this.#onStatus(status));
  }

  /** Items that this stream answers for. */
  get inFlight(): number {
    return this.#sent.size + this.#queued.length;
  }

  /** What counts for balancing. */
  get load(): number {
    return this.inFlight + this.#unanswered;
  }

  /** Items that wait for the next message. */
  get queued(): number {
    return this.#queued.length;
  }

  add(item: PendingItem<Request, Response>): void {
    this.#queued.push(item);
  }

  /** Sends what is queued, as far as the connection takes it. */
  flush(nowMs: number): void {
    while (this.#mayWrite && this.#queued.length > 0 && !this.#halfClosed && !this.#ended) {
      const items =
        this.#queued.length <= limits.batchItems ? this.#queued : this.#queued.slice(0, limits.batchItems);
      this.#queued = items === this.#queued ? [] : this.#queued.slice(limits.batchItems);
      for (const item of items) {
        this.#sent.add(item);
        item.attempts += 1;
        item.timeoutMs = Math.max(1, Math.floor(item.deadlineAtMs - nowMs));
      }
      this.#owner.onBatch(items.length);
      this.#mayWrite = writeBatch(items, this.#outlet);
    }
  }

  /** Takes no more items; ends when the last one is answered. */
  retire(): void {
    this.retired = true;
    this.#endIfIdle();
  }

  /** Gives up items whose time has passed. @param giveUp is called for each */
  sweep(nowMs: number, giveUp: (item: PendingItem<Request, Response>) => void): void {
    this.#sent.forEach((item) => {
      if (item.deadlineAtMs > nowMs) return;
      this.#sent.take(item.id);
      this.#unanswered += 1;
      giveUp(item);
    });
    if (this.#queued.some((item) => item.deadlineAtMs <= nowMs)) {
      const late = this.#queued.filter((item) => item.deadlineAtMs <= nowMs);
      this.#queued = this.#queued.filter((item) => item.deadlineAtMs > nowMs);
      late.forEach(giveUp);
    }
    if (this.retired) this.#endIfIdle();
  }

  /** Breaks it off. */
  cancel(): void {
    this.#call.cancel();
  }

  #onBatch(batch: ResultBatch<Response>): void {
    this.#owner.onReceived();
    this.#unanswered = 0;
    for (const result of batch.results) {
      const item = this.#sent.take(result.id);
      // A result after its deadline: the caller has left.
      if (item === undefined) continue;
      this.#owner.onResult(item, result);
    }
    if (batch.draining) this.#owner.onDraining(this);
    if (this.retired) this.#endIfIdle();
  }

  #refuse(item: PendingItem<Request, Response>, reason: string): void {
    this.#sent.take(item.id);
    this.#owner.onRefused(item, reason);
  }

  #onStatus(status: StatusObject): void {
    if (this.#ended) return;
    this.#ended = true;
    this.retired = true;
    const sent = this.#sent.takeAll();
    const unsent = this.#queued;
    this.#queued = [];
    this.#owner.onEnd(this, sent, unsent, status);
  }

  #endIfIdle(): void {
    if (this.#halfClosed || this.#ended || this.inFlight > 0) return;
    this.#halfClosed = true;
    this.#call.end();
  }
}
