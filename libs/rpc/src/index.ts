export { CallBudget, longestQuestionMs } from './call-budget.ts';
export { type CallerRule, namedCallers } from './callers.ts';
export type {
  AuthCalls,
  Call,
  CallContext,
  LocationApiCalls,
  LocationCalls,
  OpenPacedStream,
  PacedSink,
  PacedStream,
  RedirectCalls,
  RegistrarCalls,
  SubscribersSink,
  Watch,
} from './calls.ts';
export {
  connectAuth,
  connectLocation,
  connectLocationApi,
  connectRedirect,
  connectRegistrar,
} from './connect.ts';
export type { Connection, ConnectOptions } from './connection.ts';
export { FaultLog } from './fault-log.ts';
export type { Duration } from './gen/google/protobuf/duration.ts';
export type { Timestamp } from './gen/google/protobuf/timestamp.ts';
export type { Status } from './gen/google/rpc/status.ts';
export {
  AddressStatus,
  type GetVectorRequest,
  type GetVectorResponse,
  type Ha1,
  type LeaseChallengesRequest,
  type LeaseChallengesResponse,
  type LockoutChanged,
  type ReportFailureRequest,
  type ReportFailureResponse,
  type ResolveAddressRequest,
  type ResolveAddressResponse,
  type Subscriber,
  SubscriberState,
  type SubscribersSnapshot,
  type UseNonceRequest,
  type UseNonceResponse,
  type Vector,
  type Verified,
  type VerifyRequest,
  type VerifyResponse,
  type WatchSubscribersResponse,
} from './gen/rollcall/auth/v1/auth_service.ts';
export type { Binding, Contact } from './gen/rollcall/common/v1/contact.ts';
export type { Challenge, ChallengeLease, Credentials } from './gen/rollcall/common/v1/credentials.ts';
export { type EndedFlow, type Flow, Transport } from './gen/rollcall/common/v1/flow.ts';
export {
  ApplyOutcome,
  type ApplyRequest,
  type ApplyResponse,
  type BindingUpdate,
  type EndFlowsRequest,
  type EndFlowsResponse,
  type LookUpRequest,
  type LookUpResponse,
  type NonceUse,
  type StoredBinding,
  type StoredNonce,
  StoredRecord,
} from './gen/rollcall/location/internal/v1/binding_service.ts';
export {
  type BatchGetRegistrationsRequest,
  type BatchGetRegistrationsResponse,
  type BatchGetResult,
  type Binding as PublicBinding,
  type DeleteBindingRequest,
  type DeleteBindingResponse,
  type DeleteRegistrationRequest,
  type DeleteRegistrationResponse,
  EventType,
  type Flow as PublicFlow,
  type GetRegistrationRequest,
  type GetRegistrationResponse,
  type ListRegistrationsRequest,
  type ListRegistrationsResponse,
  type Registration,
  type RegistrationEvent,
  type WatchRegistrationsRequest,
  type WatchRegistrationsResponse,
} from './gen/rollcall/location/v1/location_service.ts';
export type {
  Redirected,
  Refused,
  ResolveRequest,
  ResolveResponse,
  Target,
} from './gen/rollcall/redirect/v1/redirect_service.ts';
export {
  ContactEvent,
  type Registered,
  type RegisterRequest,
  type RegisterResponse,
  type Rejected,
  type SubscribeRequest,
  type SubscribeResponse,
  type WatchedContact,
  type WatchRegistrationRequest,
  type WatchRegistrationResponse,
} from './gen/rollcall/registrar/v1/registrar_service.ts';
export { connectHealth, type HealthCalls, type HealthStatus } from './health.ts';
export { encodeMessage } from './message-writer.ts';
export type { ClientObserver, MethodName, ServerObserver } from './observer.ts';
export type { RpcClock } from './rpc-clock.ts';
export { type GrpcServer, type ServeOptions, serveGrpc } from './server.ts';
export type { Service } from './service.ts';
export {
  type FaultOptions,
  type FaultReason,
  GrpcCode,
  grpcCodeName,
  rpcFaultReasons,
  ServiceFault,
} from './service-fault.ts';
export { authService, locationServices, redirectService, registrarService } from './services.ts';
export { toStatusMessage } from './status-details.ts';
export type { SubchannelCounts, SubchannelState } from './subchannels.ts';
export { decodeMessage } from './text-reader.ts';
export type { TlsIdentity, TlsSource } from './tls-source.ts';
export { tracedService } from './traced-services.ts';
