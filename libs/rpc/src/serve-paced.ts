import type { ServerWritableStream } from '@grpc/grpc-js';
import type { OpenPacedStream, PacedStream } from './calls.ts';
import { faultOf } from './fault-of.ts';
import { limits } from './limits.ts';
import type { StreamMethod } from './methods.ts';
import { GrpcCode, rpcFault, type ServiceFault } from './service-fault.ts';
import type { OpenStream, ServiceHost } from './service-host.ts';
import { toGrpcStatus } from './status-details.ts';

/** Serves one stream of responses, as fast as its reader takes them: what waits, waits with the handler. */
export class ServedPacedStream<Request, Response> implements OpenStream {
  /** Its reader goes on elsewhere, with what it was told last. */
  readonly idle = true;
  readonly #method: StreamMethod<Request, Response>;
  readonly #call: ServerWritableStream<Request, Response>;
  readonly #host: ServiceHost;
  readonly #startedAtMs: number;
  #stream: PacedStream | undefined;
  #over = false;

  constructor(
    method: StreamMethod<Request, Response>,
    open: OpenPacedStream<Request, Response>,
    call: ServerWritableStream<Request, Response>,
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
    call.on('drain', () => this.#stream?.resume());
    try {
      this.#stream = open(call.request, {
        onResponse: (response) => {
          if (this.#over) return false;
          host.observer.onSent(method);
          return call.write(response);
        },
        onEnd: (fault) => this.#finish(fault),
      });
    } catch (error) {
      this.#finish(faultOf(error, method, host.observer));
    }
    if (this.#over) this.#stream?.cancel();
    else if (host.draining) this.drain();
  }

  /** Readers go elsewhere at once. */
  drain(): void {
    this.#finish(
      rpcFault('draining', 'this instance is stopping; go on elsewhere', {
        retryAfterMs: limits.noBackendGraceMs,
      }),
    );
  }

  end(): void {
    this.drain();
  }

  #finish(fault: ServiceFault | undefined): void {
    if (this.#over) return;
    this.#leave(fault?.code ?? GrpcCode.OK);
    if (fault === undefined) this.#call.end();
    else this.#call.emit('error', toGrpcStatus(fault));
  }

  #leave(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.closed(this);
    this.#host.observer.onHandled(this.#method, code, this.#host.clock.nowMs() - this.#startedAtMs);
    this.#stream?.cancel();
  }
}
