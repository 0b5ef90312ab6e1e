import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Backend } from './backend.ts';
import type { BackendPool } from './backend-pool.ts';
import type { Call, CallContext } from './calls.ts';
import { limits } from './limits.ts';
import { encodeMessage } from './message-writer.ts';
import { pathOf, type UnaryMethod } from './methods.ts';
import type { ClientObserver } from './observer.ts';
import type { RpcClock } from './rpc-clock.ts';
import { GrpcCode, rpcFault, ServiceFault } from './service-fault.ts';
import { fromGrpcStatus } from './status-details.ts';
import { decodeMessage } from './text-reader.ts';

/** How a unary call ended; `lost` where the backend went away rather than answered. */
type Ending<Response> = { response: Response } | { fault: ServiceFault; lost: boolean };

/** A unary method as a call: for what is asked rarely, or answered slowly. */
export class UnaryClient {
  readonly #pool: BackendPool;
  readonly #clock: RpcClock;
  readonly #observer: ClientObserver;

  constructor(pool: BackendPool, options: { clock: RpcClock; observer: ClientObserver }) {
    this.#pool = pool;
    this.#clock = options.clock;
    this.#observer = options.observer;
  }

  /** The method as a call. It always has a deadline; it is tried once more where the backend went away. */
  callOf<Request, Response>(method: UnaryMethod<Request, Response>): Call<Request, Response> {
    return async (request, context) => {
      const startedAtMs = this.#clock.nowMs();
      this.#observer.onStarted(method);
      const ending = await this.#run(method, request, context, startedAtMs + context.timeoutMs);
      const code = 'response' in ending ? GrpcCode.OK : ending.fault.code;
      this.#observer.onHandled(method, code, this.#clock.nowMs() - startedAtMs);
      if ('response' in ending) return ending.response;
      throw ending.fault;
    };
  }

  async #run<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    context: CallContext,
    deadlineAtMs: number,
  ): Promise<Ending<Response>> {
    const first = await this.#attempt(method, request, context, deadlineAtMs);
    const mayRepeat = 'fault' in first && first.lost && deadlineAtMs > this.#clock.nowMs();
    if (!mayRepeat) return first;
    this.#observer.onRetry(method);
    return this.#attempt(method, request, context, deadlineAtMs);
  }

  async #attempt<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    context: CallContext,
    deadlineAtMs: number,
  ): Promise<Ending<Response>> {
    const leftMs = deadlineAtMs - this.#clock.nowMs();
    try {
      await this.#pool.whenReady(Math.min(leftMs, limits.noBackendGraceMs));
    } catch (error) {
      return { fault: error instanceof ServiceFault ? error : this.#pool.unavailable(error), lost: false };
    }
    const backend = this.#pool.pick((each) => each.inFlight);
    if (backend === undefined) return { fault: this.#pool.unavailable(), lost: false };
    return this.#send(backend, method, request, context, deadlineAtMs);
  }

  #send<Request, Response>(
    backend: Backend,
    method: UnaryMethod<Request, Response>,
    request: Request,
    context: CallContext,
    deadlineAtMs: number,
  ): Promise<Ending<Response>> {
    if (backend.inFlight >= limits.inFlight) {
      const fault = rpcFault('overloaded', `${limits.inFlight} calls to ${this.#pool.target} are in flight`, {
        retryAfterMs: limits.retryAfterMs,
      });
      return Promise.resolve({ fault, lost: false });
    }
    const metadata = new Metadata();
    if (context.traceparent !== '') metadata.set('traceparent', context.traceparent);
    backend.inFlight += 1;
    this.#observer.onSent(method);
    return new Promise((resolve) => {
      backend.client.makeUnaryRequest(
        pathOf(method),
        (message: Request) => encodeMessage(method.request, message),
        (bytes: Buffer) => decodeMessage(method.response, bytes),
        request,
        metadata,
        { deadline: deadlineAtMs },
        (error: ServiceError | null, response?: Response) => {
          backend.inFlight -= 1;
          if (response !== undefined && error === null) {
            this.#observer.onReceived(method);
            resolve({ response });
          } else resolve(endingOf(error));
        },
      );
    });
  }
}

function endingOf(error: ServiceError | null): { fault: ServiceFault; lost: boolean } {
  if (error === null) return { fault: rpcFault('internal', 'neither response nor status'), lost: false };
  const { fault, fromService } = fromGrpcStatus(error);
  return { fault, lost: !fromService && fault.code === GrpcCode.UNAVAILABLE };
}
