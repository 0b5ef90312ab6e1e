import type { AuthCalls, LocationApiCalls, LocationCalls, RedirectCalls, RegistrarCalls } from './calls.ts';
import { type Connection, type ConnectOptions, ServiceConnection } from './connection.ts';
import {
  authMethods,
  bindingMethods,
  locationMethods,
  redirectMethods,
  registrarMethods,
} from './service-methods.ts';
import { watchSubscribersBy } from './watch-subscribers.ts';

/**
 * Connects to auth. What each registration needs goes by batched stream, the rest by unary calls.
 *
 * @param target for example "dns:///auth-headless:50052"
 * @throws RangeError where the target cannot be read
 */
export function connectAuth(target: string, options: ConnectOptions): AuthCalls & Connection {
  const connection = new ServiceConnection(target, options);
  return {
    ...lifeOf(connection),
    leaseChallenges: connection.unary(authMethods.leaseChallenges),
    getVector: connection.batched(authMethods.getVectorBatches),
    verify: connection.batched(authMethods.verifyBatches),
    useNonce: connection.unary(authMethods.useNonce),
    reportFailure: connection.unary(authMethods.reportFailure),
    resolveAddress: connection.batched(authMethods.resolveAddressBatches),
    watchSubscribers: watchSubscribersBy(connection.paced(authMethods.watchSubscribers)),
  };
}

/**
 * Connects to location, for our own services.
 *
 * @throws RangeError where the target cannot be read
 */
export function connectLocation(target: string, options: ConnectOptions): LocationCalls & Connection {
  const connection = new ServiceConnection(target, options);
  return {
    ...lifeOf(connection),
    apply: connection.batched(bindingMethods.applyBatches),
    endFlows: connection.unary(bindingMethods.endFlows),
    lookUp: connection.batched(bindingMethods.lookUpBatches),
  };
}

/**
 * Connects to location's public API.
 *
 * @throws RangeError where the target cannot be read
 */
export function connectLocationApi(target: string, options: ConnectOptions): LocationApiCalls & Connection {
  const connection = new ServiceConnection(target, options);
  return {
    ...lifeOf(connection),
    getRegistration: connection.unary(locationMethods.getRegistration),
    batchGetRegistrations: connection.unary(locationMethods.batchGetRegistrations),
    listRegistrations: connection.unary(locationMethods.listRegistrations),
    deleteBinding: connection.unary(locationMethods.deleteBinding),
    deleteRegistration: connection.unary(locationMethods.deleteRegistration),
    watchRegistrations: connection.paced(locationMethods.watchRegistrations),
  };
}

/**
 * Connects to the registrar.
 *
 * @throws RangeError where the target cannot be read
 */
export function connectRegistrar(target: string, options: ConnectOptions): RegistrarCalls & Connection {
  const connection = new ServiceConnection(target, options);
  return {
    ...lifeOf(connection),
    register: connection.batched(registrarMethods.registerBatches),
    endFlows: connection.unary(registrarMethods.endFlows),
    leaseChallenges: connection.unary(registrarMethods.leaseChallenges),
    subscribe: connection.unary(registrarMethods.subscribe),
    watchRegistration: connection.paced(registrarMethods.watchRegistration),
  };
}

/**
 * Connects to redirect.
 *
 * @throws RangeError where the target cannot be read
 */
export function connectRedirect(target: string, options: ConnectOptions): RedirectCalls & Connection {
  const connection = new ServiceConnection(target, options);
  return { ...lifeOf(connection), resolve: connection.batched(redirectMethods.resolveBatches) };
}

function lifeOf({ ready, subchannels, whenReady, close }: ServiceConnection): Connection {
  return { ready, subchannels, whenReady, close };
}
