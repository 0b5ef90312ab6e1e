import * as auth from './gen/rollcall/auth/v1/auth_service.ts';
import * as binding from './gen/rollcall/location/internal/v1/binding_service.ts';
import * as location from './gen/rollcall/location/v1/location_service.ts';
import * as redirect from './gen/rollcall/redirect/v1/redirect_service.ts';
import * as registrar from './gen/rollcall/registrar/v1/registrar_service.ts';
import { batched, serverStream, unary } from './methods.ts';

const authService = 'rollcall.auth.v1.AuthService';

/** The methods of auth. */
export const authMethods = {
  leaseChallenges: unary(
    authService,
    'LeaseChallenges',
    auth.LeaseChallengesRequest,
    auth.LeaseChallengesResponse,
  ),
  getVector: unary(authService, 'GetVector', auth.GetVectorRequest, auth.GetVectorResponse),
  getVectorBatches: batched(
    authService,
    'GetVectorBatches',
    auth.GetVectorBatchesRequest,
    auth.GetVectorBatchesResponse,
  ),
  watchSubscribers: serverStream(
    authService,
    'WatchSubscribers',
    auth.WatchSubscribersRequest,
    auth.WatchSubscribersResponse,
  ),
  verify: unary(authService, 'Verify', auth.VerifyRequest, auth.VerifyResponse),
  verifyBatches: batched(authService, 'VerifyBatches', auth.VerifyBatchesRequest, auth.VerifyBatchesResponse),
  useNonce: unary(authService, 'UseNonce', auth.UseNonceRequest, auth.UseNonceResponse),
  reportFailure: unary(authService, 'ReportFailure', auth.ReportFailureRequest, auth.ReportFailureResponse),
  resolveAddress: unary(
    authService,
    'ResolveAddress',
    auth.ResolveAddressRequest,
    auth.ResolveAddressResponse,
  ),
  resolveAddressBatches: batched(
    authService,
    'ResolveAddressBatches',
    auth.ResolveAddressBatchesRequest,
    auth.ResolveAddressBatchesResponse,
  ),
} as const;

const bindingService = 'rollcall.location.internal.v1.BindingService';

/** The methods of location for our own services. */
export const bindingMethods = {
  apply: unary(bindingService, 'Apply', binding.ApplyRequest, binding.ApplyResponse),
  applyBatches: batched(
    bindingService,
    'ApplyBatches',
    binding.ApplyBatchesRequest,
    binding.ApplyBatchesResponse,
  ),
  endFlows: unary(bindingService, 'EndFlows', binding.EndFlowsRequest, binding.EndFlowsResponse),
  lookUp: unary(bindingService, 'LookUp', binding.LookUpRequest, binding.LookUpResponse),
  lookUpBatches: batched(
    bindingService,
    'LookUpBatches',
    binding.LookUpBatchesRequest,
    binding.LookUpBatchesResponse,
  ),
} as const;

const locationService = 'rollcall.location.v1.LocationService';

/** The methods of location for everyone. */
export const locationMethods = {
  getRegistration: unary(
    locationService,
    'GetRegistration',
    location.GetRegistrationRequest,
    location.GetRegistrationResponse,
  ),
  batchGetRegistrations: unary(
    locationService,
    'BatchGetRegistrations',
    location.BatchGetRegistrationsRequest,
    location.BatchGetRegistrationsResponse,
  ),
  listRegistrations: unary(
    locationService,
    'ListRegistrations',
    location.ListRegistrationsRequest,
    location.ListRegistrationsResponse,
  ),
  watchRegistrations: serverStream(
    locationService,
    'WatchRegistrations',
    location.WatchRegistrationsRequest,
    location.WatchRegistrationsResponse,
  ),
  deleteBinding: unary(
    locationService,
    'DeleteBinding',
    location.DeleteBindingRequest,
    location.DeleteBindingResponse,
  ),
  deleteRegistration: unary(
    locationService,
    'DeleteRegistration',
    location.DeleteRegistrationRequest,
    location.DeleteRegistrationResponse,
  ),
} as const;

const registrarService = 'rollcall.registrar.v1.RegistrarService';

/** The methods of the registrar. */
export const registrarMethods = {
  register: unary(registrarService, 'Register', registrar.RegisterRequest, registrar.RegisterResponse),
  registerBatches: batched(
    registrarService,
    'RegisterBatches',
    registrar.RegisterBatchesRequest,
    registrar.RegisterBatchesResponse,
  ),
  endFlows: unary(registrarService, 'EndFlows', registrar.EndFlowsRequest, registrar.EndFlowsResponse),
  leaseChallenges: unary(
    registrarService,
    'LeaseChallenges',
    registrar.LeaseChallengesRequest,
    registrar.LeaseChallengesResponse,
  ),
  subscribe: unary(registrarService, 'Subscribe', registrar.SubscribeRequest, registrar.SubscribeResponse),
  watchRegistration: serverStream(
    registrarService,
    'WatchRegistration',
    registrar.WatchRegistrationRequest,
    registrar.WatchRegistrationResponse,
  ),
} as const;

const redirectService = 'rollcall.redirect.v1.RedirectService';

/** The methods of redirect. */
export const redirectMethods = {
  resolve: unary(redirectService, 'Resolve', redirect.ResolveRequest, redirect.ResolveResponse),
  resolveBatches: batched(
    redirectService,
    'ResolveBatches',
    redirect.ResolveBatchesRequest,
    redirect.ResolveBatchesResponse,
  ),
} as const;
