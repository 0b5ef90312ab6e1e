import { BackendPool } from './backend-pool.ts';
import { BatchedClient } from './batched-client.ts';
import type { Call, OpenPacedStream } from './calls.ts';
import type { BatchedMethod, StreamMethod, UnaryMethod } from './methods.ts';
import { type ClientObserver, silentClient } from './observer.ts';
import { pacedStreamOf } from './paced-client.ts';
import type { RpcClock } from './rpc-clock.ts';
import type { SubchannelCounts } from './subchannels.ts';
import type { Resolver } from './target.ts';
import type { TlsSource } from './tls-source.ts';
import { type CallTracer, tracedCall } from './traced-call.ts';
import { UnaryClient } from './unary-client.ts';

/** Options of a connection to a service. */
export interface ConnectOptions {
  readonly clock: RpcClock;
  /** Follows the calls; for metrics. */
  readonly observer?: ClientObserver;
  /** Follows calls that have a trace context. */
  readonly tracer?: CallTracer | undefined;
  /** What TLS is spoken with; undefined for none. */
  readonly tls?: TlsSource | undefined;
  /** Items in flight to one backend for each batched method; beyond it calls fail with OVERLOADED at once. */
  readonly maxInFlight?: number;
  /** Finds the addresses behind the target's host; by default the system's resolver. */
  readonly resolve?: Resolver;
  /** How often the host is resolved, in milliseconds. */
  readonly resolveEveryMs?: number;
}

/** A kept connection to all instances of a service. */
export interface Connection {
  /** True while an instance is connected. */
  ready(): boolean;
  /** Addresses behind the target by the state of the channel to them; retiring ones not counted. */
  subchannels(): SubchannelCounts;
  /**
   * Waits until an instance is connected.
   *
   * @throws ServiceFault BACKEND_UNAVAILABLE where none is within the time
   */
  whenReady(timeoutMs: number): Promise<void>;
  /** Ends it; calls in flight fail. */
  close(): void;
}

/** What the connect functions build their calls from. */
export class ServiceConnection implements Connection {
  readonly pool: BackendPool;
  readonly #clock: RpcClock;
  readonly #observer: ClientObserver;
  readonly #tracer: CallTracer | undefined;
  readonly #unary: UnaryClient;
  readonly #maxInFlight: number | undefined;
  readonly #batched: { close(): void }[] = [];

  /** @throws RangeError where the target cannot be read */
  constructor(target: string, options: ConnectOptions) {
    this.#clock = options.clock;
    this.#observer = options.observer ?? silentClient;
    this.#tracer = options.tracer;
    this.#maxInFlight = options.maxInFlight;
    const onHandshakeFailed = this.#observer.onHandshakeFailed?.bind(this.#observer);
    this.pool = new BackendPool(target, { ...options, ...(onHandshakeFailed && { onHandshakeFailed }) });
    this.#unary = new UnaryClient(this.pool, { clock: this.#clock, observer: this.#observer });
  }

  unary<Request, Response>(method: UnaryMethod<Request, Response>): Call<Request, Response> {
    return tracedCall('client', method, this.#unary.callOf(method), this.#tracer);
  }

  batched<Request, Response>(method: BatchedMethod<Request, Response>): Call<Request, Response> {
    const client = new BatchedClient(method, this.pool, {
      clock: this.#clock,
      observer: this.#observer,
      maxInFlight: this.#maxInFlight,
    });
    this.#batched.push(client);
    return tracedCall('client', method, client.call, this.#tracer);
  }

  paced<Request, Response>(method: StreamMethod<Request, Response>): OpenPacedStream<Request, Response> {
    return pacedStreamOf(method, this.pool, { clock: this.#clock, observer: this.#observer });
  }

  readonly subchannels = (): SubchannelCounts => this.pool.subchannels();

  readonly ready = (): boolean => this.pool.ready.length > 0;

  readonly whenReady = (timeoutMs: number): Promise<void> => this.pool.whenReady(timeoutMs);

  readonly close = (): void => {
    for (const client of this.#batched) client.close();
    this.pool.close();
  };
}
