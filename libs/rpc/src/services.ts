import type { AuthCalls, LocationApiCalls, LocationCalls, RedirectCalls, RegistrarCalls } from './calls.ts';
import type { MethodName } from './observer.ts';
import {
  type ServedMethod,
  type Service,
  servedBatched,
  servedPacedStream,
  servedStream,
  servedUnary,
} from './service.ts';
import {
  authMethods,
  bindingMethods,
  locationMethods,
  redirectMethods,
  registrarMethods,
} from './service-methods.ts';

/** AuthService over these calls. */
export function authService(calls: AuthCalls): Service {
  return service(authMethods, {
    leaseChallenges: servedUnary(authMethods.leaseChallenges, calls.leaseChallenges),
    getVector: servedUnary(authMethods.getVector, calls.getVector),
    getVectorBatches: servedBatched(authMethods.getVectorBatches, calls.getVector),
    watchSubscribers: servedStream(authMethods.watchSubscribers, ({ watcher }, sink) =>
      calls.watchSubscribers(watcher, sink),
    ),
    verify: servedUnary(authMethods.verify, calls.verify),
    verifyBatches: servedBatched(authMethods.verifyBatches, calls.verify),
    useNonce: servedUnary(authMethods.useNonce, calls.useNonce),
    reportFailure: servedUnary(authMethods.reportFailure, calls.reportFailure),
    resolveAddress: servedUnary(authMethods.resolveAddress, calls.resolveAddress),
    resolveAddressBatches: servedBatched(authMethods.resolveAddressBatches, calls.resolveAddress),
  });
}

/** BindingService, and LocationService where its calls are given. */
export function locationServices(internal: LocationCalls, api?: LocationApiCalls): Service[] {
  const own = service(bindingMethods, {
    apply: servedUnary(bindingMethods.apply, internal.apply),
    applyBatches: servedBatched(bindingMethods.applyBatches, internal.apply),
    endFlows: servedUnary(bindingMethods.endFlows, internal.endFlows),
    lookUp: servedUnary(bindingMethods.lookUp, internal.lookUp),
    lookUpBatches: servedBatched(bindingMethods.lookUpBatches, internal.lookUp),
  });
  if (api === undefined) return [own];
  return [
    own,
    service(locationMethods, {
      getRegistration: servedUnary(locationMethods.getRegistration, api.getRegistration),
      batchGetRegistrations: servedUnary(locationMethods.batchGetRegistrations, api.batchGetRegistrations),
      listRegistrations: servedUnary(locationMethods.listRegistrations, api.listRegistrations),
      watchRegistrations: servedPacedStream(locationMethods.watchRegistrations, api.watchRegistrations),
      deleteBinding: servedUnary(locationMethods.deleteBinding, api.deleteBinding),
      deleteRegistration: servedUnary(locationMethods.deleteRegistration, api.deleteRegistration),
    }),
  ];
}

/** RegistrarService over these calls. */
export function registrarService(calls: RegistrarCalls): Service {
  return service(registrarMethods, {
    register: servedUnary(registrarMethods.register, calls.register),
    registerBatches: servedBatched(registrarMethods.registerBatches, calls.register),
    endFlows: servedUnary(registrarMethods.endFlows, calls.endFlows),
    leaseChallenges: servedUnary(registrarMethods.leaseChallenges, calls.leaseChallenges),
    subscribe: servedUnary(registrarMethods.subscribe, calls.subscribe),
    watchRegistration: servedPacedStream(registrarMethods.watchRegistration, calls.watchRegistration),
  });
}

/** RedirectService over these calls. */
export function redirectService(calls: RedirectCalls): Service {
  return service(redirectMethods, {
    resolve: servedUnary(redirectMethods.resolve, calls.resolve),
    resolveBatches: servedBatched(redirectMethods.resolveBatches, calls.resolve),
  });
}

/** Holds the compiler to it that each method of the table is served. */
function service<Table extends Readonly<Record<string, MethodName>>>(
  table: Table,
  methods: { readonly [Key in keyof Table]: ServedMethod },
): Service {
  return { name: Object.values(table)[0]?.service ?? '', methods };
}
