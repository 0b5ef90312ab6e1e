import {
  type AuthCalls,
  authService,
  type Connection,
  connectAuth,
  connectLocation,
  connectRedirect,
  type GrpcServer,
  locationServices,
  type RedirectCalls,
  redirectService,
  serveGrpc,
} from '@rollcall/rpc';
import { systemClock as clock, createLogger, Metrics } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeRedirect } from '../src/compose.ts';
import { readRedirectConfig } from '../src/config.ts';
import { absence, binding, Rig } from './fakes.ts';

const context = { timeoutMs: 5000, traceparent: '' };
const notAsked = () => Promise.reject(new Error('not asked by the redirect service'));

describe('the redirect service over gRPC', () => {
  const rig = new Rig();
  const servers: GrpcServer[] = [];
  const connections: Connection[] = [];
  let edge: RedirectCalls & Connection;

  beforeAll(async () => {
    const auth: AuthCalls = {
      leaseChallenges: notAsked,
      getVector: notAsked,
      verify: notAsked,
      useNonce: notAsked,
      reportFailure: notAsked,
      resolveAddress: rig.resolveAddress,
      watchSubscribers: () => ({ cancel: () => undefined }),
    };
    const location = { apply: notAsked, endFlows: notAsked, lookUp: rig.lookUp };
    const authServer = await serveGrpc('127.0.0.1:0', [authService(auth)], { clock });
    const locationServer = await serveGrpc('127.0.0.1:0', locationServices(location), { clock });
    const toAuth = connectAuth(`127.0.0.1:${authServer.port}`, { clock });
    const toLocation = connectLocation(`127.0.0.1:${locationServer.port}`, { clock });
    const { calls } = composeRedirect({
      config: readRedirectConfig({}),
      clock,
      logger: createLogger({ service: 'redirect', level: 'silent', format: 'json' }),
      metrics: new Metrics(),
      auth: toAuth,
      location: toLocation,
    });
    const server = await serveGrpc('127.0.0.1:0', [redirectService(calls)], { clock });
    edge = connectRedirect(`127.0.0.1:${server.port}`, { clock });
    servers.push(server, authServer, locationServer);
    connections.push(edge, toAuth, toLocation);
    await Promise.all(connections.map((each) => each.whenReady(5000)));
  });

  afterAll(async () => {
    for (const connection of connections) connection.close();
    await Promise.all(servers.map((server) => server.drain(100)));
  });

  const resolve = async (requestUri: string) =>
    (
      await edge.resolve(
        {
          requestUri,
          method: 'INVITE',
          flow: undefined,
          acceptContact: [],
          rejectContact: [],
          requestDisposition: [],
        },
        context,
      )
    ).outcome;

  it('redirects, and tells a q of 0 from none', async () => {
    rig.bind(binding('sip:a@192.0.2.1', { qMilli: 0 }), binding('sip:b@192.0.2.2'));
    expect(await resolve('sip:alice@example.com')).toEqual({
      $case: 'redirected',
      value: {
        permanent: false,
        targets: [
          { uri: 'sip:b@192.0.2.2', qMilli: undefined, expiresSec: 600, params: '' },
          { uri: 'sip:a@192.0.2.1', qMilli: 0, expiresSec: 600, params: '' },
        ],
      },
    });
  });

  it('refuses', async () => {
    expect(await resolve('sip:nobody@example.com')).toMatchObject({
      $case: 'refused',
      value: { status: 404 },
    });
    expect(await resolve('sip:carol@example.com')).toMatchObject({
      $case: 'refused',
      value: { status: 480 },
    });
  });

  it('CN4: a location that fails is 503', async () => {
    rig.locationFault = absence;
    const outcome = await resolve('sip:alice@example.com');
    rig.locationFault = undefined;
    expect(outcome).toMatchObject({ $case: 'refused', value: { status: 503 } });
  });
});
