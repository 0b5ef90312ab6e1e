import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Watch } from './calls.ts';
import { faultOf } from './fault-of.ts';
import type { StreamMethod } from './methods.ts';
import { GrpcCode, rpcFault, type ServiceFault } from './service-fault.ts';
import type { OpenStream, ServiceHost } from './service-host.ts';
import { toGrpcStatus } from './status-details.ts';

/** Events that wait for a slow reader at most; beyond it the reader starts over. */
const maxWaitingEvents = 1024;

/** Where a handler of a stream puts what it has to say. */
export interface EventSink<Event> {
  onEvent(event: Event): void;
  onEnd(): void;
}

/** Opens what a request asks to watch. */
export type OpenWatch<Request, Event> = (request: Request, sink: EventSink<Event>) => Watch;

/** Serves one stream of events. */
export class ServedEventStream<Request, Event> implements OpenStream {
  /** It never has work that must be finished. */
  readonly idle = true;
  readonly #method: StreamMethod<Request, Event>;
  readonly #call: ServerWritableStream<Request, Event>;
  readonly #host: ServiceHost;
  readonly #startedAtMs: number;
  #watch: Watch | undefined;
  #over = false;

  constructor(
    method: StreamMethod<Request, Event>,
    open: OpenWatch<Request, Event>,
    call: ServerWritableStream<Request, Event>,
    host: ServiceHost,
  ) {
    this.#method = method;
    this.#call = call;
    this.#host = host;
    this.#startedAtMs = host.clock.nowMs();
    host.observer.onStarted(method);
    host.observer.onReceived(method);
    host.opened(this);
    call.on('cancelled', () => this.#leave(GrpcCode.CANCELLED));
    call.on('error', () => this.#leave(GrpcCode.UNKNOWN));
    try {
      this.#watch = open(call.request, { onEvent: (event) => this.#send(event), onEnd: () => this.end() });
    } catch (error) {
      this.#fail(faultOf(error, method, host.observer));
    }
    if (this.#over) this.#watch?.cancel();
  }

  /** Watchers go elsewhere at once. */
  drain(): void {
    this.end();
  }

  end(): void {
    if (this.#over) return;
    this.#leave(GrpcCode.OK);
    this.#call.end();
  }

  #send(event: Event): void {
    if (this.#over) return;
    if (this.#call.writableLength < maxWaitingEvents) {
      this.#host.observer.onSent(this.#method);
      this.#call.write(event);
      return;
    }
    this.#fail(rpcFault('overloaded', 'the reader is too slow; start over'));
  }

  #fail(fault: ServiceFault): void {
    this.#leave(fault.code);
    this.#call.emit('error', toGrpcStatus(fault));
  }

  #leave(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.closed(this);
    this.#host.observer.onHandled(this.#method, code, this.#host.clock.nowMs() - this.#startedAtMs);
    this.#watch?.cancel();
  }
}
