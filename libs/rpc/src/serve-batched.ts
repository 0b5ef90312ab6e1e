import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type BatchOutlet, writeBatch } from './batch-writer.ts';
import type { Call } from './calls.ts';
import { faultOf } from './fault-of.ts';
import { limits } from './limits.ts';
import { encodeMessage } from './message-writer.ts';
import type { BatchedMethod, BatchItem, ItemBatch, ItemResult, ResultBatch } from './methods.ts';
import { GrpcCode, rpcFault, type ServiceFault } from './service-fault.ts';
import type { OpenStream, ServiceHost } from './service-host.ts';
import { toFaultMessage } from './status-details.ts';

/** Serves one batched stream: each item by itself, the results of one turn of the event loop as one message. */
export class ServedBatchStream<Request, Response> implements OpenStream {
  readonly #method: BatchedMethod<Request, Response>;
  readonly #handle: Call<Request, Response>;
  readonly #call: ServerDuplexStream<ItemBatch<Request>, Buffer>;
  readonly #host: ServiceHost;
  readonly #outlet: BatchOutlet<ItemResult<Response>, ResultBatch<Response>>;
  #results: ItemResult<Response>[] = [];
  /** Items whose result has not been written; also those whose result waits for a slow reader. */
  #inFlight = 0;
  #flushDue = false;
  #mayWrite = true;
  #noMoreItems = false;
  #gone = false;
  #draining = false;

  constructor(
    method: BatchedMethod<Request, Response>,
    handle: Call<Request, Response>,
    call: ServerDuplexStream<ItemBatch<Request>, Buffer>,
    host: ServiceHost,
  ) {
    this.#method = method;
    this.#handle = handle;
    this.#call = call;
    this.#host = host;
    this.#outlet = {
      codec: method.response,
      wrap: (results) => ({ results: results as ItemResult<Response>[], draining: this.#draining }),
      write: (bytes) => this.#write(bytes),
      refuse: (result, reason) => this.#replace(result, reason),
    };
    call.on('data', (batch: ItemBatch<Request>) => this.#onBatch(batch));
    call.on('end', () => {
      this.#noMoreItems = true;
      this.#endIfDone();
    });
    call.on('drain', () => {
      this.#mayWrite = true;
      this.#flush();
    });
    call.on('cancelled', () => this.#leave());
    call.on('error', () => this.#leave());
    host.opened(this);
    if (host.draining) this.drain();
  }

  /** True while no item waits for its result. */
  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** Asks the client to finish and go. Items that still come are still served. */
  drain(): void {
    if (this.#gone || this.#draining) return;
    this.#draining = true;
    this.#write(this.#encode([], true));
  }

  /** Ends the stream; the client sends what it had in flight elsewhere. */
  end(): void {
    if (this.#gone) return;
    this.#leave();
    this.#call.end();
  }

  #onBatch(batch: ItemBatch<Request>): void {
    this.#host.observer.onReceived(this.#method);
    this.#host.observer.onBatch(this.#method, batch.items.length);
    for (const item of batch.items) {
      this.#inFlight += 1;
      if (this.#inFlight > this.#host.maxInFlight) this.#refuse(item);
      else void this.#serve(item);
    }
  }

  /** The item is its own call context: it has the fields of one. */
  async #serve(item: BatchItem<Request>): Promise<void> {
    const { observer, clock } = this.#host;
    const startedAtMs = clock.nowMs();
    observer.onStarted(this.#method);
    let code: number = GrpcCode.OK;
    try {
      if (item.request === undefined) throw rpcFault('invalidRequest', 'an item without a request');
      const value = await this.#handle(item.request, item);
      this.#results.push({ id: item.id, result: { $case: 'response', value } });
    } catch (error) {
      const fault = faultOf(error, this.#method, observer);
      code = fault.code;
      this.#results.push(faultResult(item.id, fault));
    }
    observer.onHandled(this.#method, code, clock.nowMs() - startedAtMs);
    this.#flushAfterTurn();
  }

  #refuse(item: BatchItem<Request>): void {
    const message = `${this.#host.maxInFlight} items of this stream are in flight`;
    const fault = rpcFault('overloaded', message, { retryAfterMs: limits.retryAfterMs });
    this.#host.observer.onStarted(this.#method);
    this.#host.observer.onHandled(this.#method, fault.code, 0);
    this.#results.push(faultResult(item.id, fault));
    this.#flushAfterTurn();
  }

  #flushAfterTurn(): void {
    if (this.#flushDue || this.#gone) return;
    this.#flushDue = true;
    setImmediate(this.#onTurnEnd);
  }

  readonly #onTurnEnd = (): void => {
    this.#flushDue = false;
    this.#flush();
  };

  #flush(): void {
    if (!this.#mayWrite || this.#gone || this.#results.length === 0) return;
    const results = this.#results;
    this.#results = [];
    this.#inFlight -= results.length;
    this.#mayWrite = writeBatch(results, this.#outlet);
    this.#endIfDone();
  }

  #encode(results: ItemResult<Response>[], draining: boolean): Buffer {
    return encodeMessage(this.#method.response, { results, draining });
  }

  /** A handler's response that cannot be sent: its mistake, not that of the others in the batch. */
  #replace(result: ItemResult<Response>, reason: string): void {
    const fault = faultOf(
      new Error(`a response that cannot be sent: ${reason}`),
      this.#method,
      this.#host.observer,
    );
    this.#write(this.#encode([faultResult(result.id, fault)], this.#draining));
  }

  #write(bytes: Buffer): boolean {
    this.#host.observer.onSent(this.#method);
    return this.#call.write(bytes);
  }

  #endIfDone(): void {
    if (this.#noMoreItems && this.#inFlight === 0) this.end();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#results = [];
    this.#host.closed(this);
  }
}

function faultResult<Response>(id: number, fault: ServiceFault): ItemResult<Response> {
  return { id, result: { $case: 'fault', value: toFaultMessage(fault) } };
}
