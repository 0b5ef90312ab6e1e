import type * as auth from './gen/rollcall/auth/v1/auth_service.ts';
import type * as binding from './gen/rollcall/location/internal/v1/binding_service.ts';
import type * as location from './gen/rollcall/location/v1/location_service.ts';
import type * as redirect from './gen/rollcall/redirect/v1/redirect_service.ts';
import type * as registrar from './gen/rollcall/registrar/v1/registrar_service.ts';
import type { ServiceFault } from './service-fault.ts';

/** What travels with a call beside its request. */
export interface CallContext {
  /** Time left to answer, in milliseconds. The handler settles within it. */
  readonly timeoutMs: number;
  /** W3C trace context; empty where the call is not traced. */
  readonly traceparent: string;
}

/**
 * One method of a service, wherever the service runs: a client has it, a handler is it, and in one process the one is
 * passed as the other.
 *
 * Resolves with the outcome; rejects with a ServiceFault where the call was not processed.
 */
export type Call<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** Takes what a watch of subscribers tells. */
export interface SubscribersSink {
  onEvent(event: auth.WatchSubscribersResponse): void;
  /** Once, where the watch ended by itself; not after cancel(). */
  onEnd(): void;
}

/** A running watch. */
export interface Watch {
  /** Ends it; nothing is told afterwards. */
  cancel(): void;
}

/** Takes what a stream of responses brings, at its own pace. */
export interface PacedSink<Response> {
  /** Takes one. False: it is taken, and no more may come before `resume()`. */
  onResponse(response: Response): boolean;
  /** Once, where the stream ended by itself, with the fault that it ended with; not after `cancel()`. */
  onEnd(fault: ServiceFault | undefined): void;
}

/** A running stream of responses. */
export interface PacedStream extends Watch {
  /** The sink takes more. */
  resume(): void;
}

/**
 * A method with a stream of responses, wherever the service runs. Nothing is told from within the call itself.
 */
export type OpenPacedStream<Request, Response> = (request: Request, sink: PacedSink<Response>) => PacedStream;

/** What auth offers. */
export interface AuthCalls {
  readonly leaseChallenges: Call<auth.LeaseChallengesRequest, auth.LeaseChallengesResponse>;
  readonly getVector: Call<auth.GetVectorRequest, auth.GetVectorResponse>;
  readonly verify: Call<auth.VerifyRequest, auth.VerifyResponse>;
  readonly useNonce: Call<auth.UseNonceRequest, auth.UseNonceResponse>;
  readonly reportFailure: Call<auth.ReportFailureRequest, auth.ReportFailureResponse>;
  readonly resolveAddress: Call<auth.ResolveAddressRequest, auth.ResolveAddressResponse>;
  /**
   * Watches what a registrar must know at once.
   *
   * @param watcher name of the instance that watches, for logs
   */
  watchSubscribers(watcher: string, sink: SubscribersSink): Watch;
}

/** What location offers to our own services. */
export interface LocationCalls {
  readonly apply: Call<binding.ApplyRequest, binding.ApplyResponse>;
  readonly endFlows: Call<binding.EndFlowsRequest, binding.EndFlowsResponse>;
  readonly lookUp: Call<binding.LookUpRequest, binding.LookUpResponse>;
}

/** What location offers to everyone. */
export interface LocationApiCalls {
  readonly getRegistration: Call<location.GetRegistrationRequest, location.GetRegistrationResponse>;
  readonly batchGetRegistrations: Call<
    location.BatchGetRegistrationsRequest,
    location.BatchGetRegistrationsResponse
  >;
  readonly listRegistrations: Call<location.ListRegistrationsRequest, location.ListRegistrationsResponse>;
  readonly deleteBinding: Call<location.DeleteBindingRequest, location.DeleteBindingResponse>;
  readonly deleteRegistration: Call<location.DeleteRegistrationRequest, location.DeleteRegistrationResponse>;
  readonly watchRegistrations: OpenPacedStream<
    location.WatchRegistrationsRequest,
    location.WatchRegistrationsResponse
  >;
}

/** What the registrar offers to edges. */
export interface RegistrarCalls {
  readonly register: Call<registrar.RegisterRequest, registrar.RegisterResponse>;
  readonly endFlows: Call<registrar.EndFlowsRequest, registrar.EndFlowsResponse>;
  readonly leaseChallenges: Call<registrar.LeaseChallengesRequest, registrar.LeaseChallengesResponse>;
  readonly subscribe: Call<registrar.SubscribeRequest, registrar.SubscribeResponse>;
  readonly watchRegistration: OpenPacedStream<
    registrar.WatchRegistrationRequest,
    registrar.WatchRegistrationResponse
  >;
}

/** What redirect offers to edges. */
export interface RedirectCalls {
  readonly resolve: Call<redirect.ResolveRequest, redirect.ResolveResponse>;
}
