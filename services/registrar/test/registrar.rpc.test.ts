import {
  authService,
  type Connection,
  connectAuth,
  connectLocation,
  connectRegistrar,
  type GrpcServer,
  locationServices,
  type RegistrarCalls,
  registrarService,
  serveGrpc,
} from '@rollcall/rpc';
import { systemClock as clock, createLogger, Metrics } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeRegistrar, type Registrar } from '../src/compose.ts';
import { readRegistrarConfig } from '../src/config.ts';
import { FakeRegistrations } from './fake-registrations.ts';
import { answer, contact, FakeAuth, FakeLocation, registerRequest } from './fakes.ts';

const context = { timeoutMs: 5000, traceparent: '' };

describe('the registrar over gRPC', () => {
  const auth = new FakeAuth(clock);
  const location = new FakeLocation(clock);
  const servers: GrpcServer[] = [];
  const connections: Connection[] = [];
  let registrar: Registrar;
  let edge: RegistrarCalls & Connection;

  beforeAll(async () => {
    auth.onWatch = () => auth.sendSnapshot();
    const authServer = await serveGrpc('127.0.0.1:0', [authService(auth)], { clock });
    const locationServer = await serveGrpc('127.0.0.1:0', locationServices(location), { clock });
    const toAuth = connectAuth(`127.0.0.1:${authServer.port}`, { clock });
    const toLocation = connectLocation(`127.0.0.1:${locationServer.port}`, { clock });
    registrar = composeRegistrar({
      config: readRegistrarConfig({}),
      clock,
      logger: createLogger({ service: 'registrar', level: 'silent', format: 'json' }),
      metrics: new Metrics(),
      auth: toAuth,
      location: toLocation,
      registrations: new FakeRegistrations(),
      instance: 'registrar-0',
    });
    const server = await serveGrpc('127.0.0.1:0', [registrarService(registrar.calls)], { clock });
    edge = connectRegistrar(`127.0.0.1:${server.port}`, { clock });
    servers.push(server, authServer, locationServer);
    connections.push(edge, toAuth, toLocation);
    await Promise.all(connections.map((each) => each.whenReady(5000)));
    await until(async () => (await registrar.checks[0]?.check()) === undefined);
  });

  afterAll(async () => {
    await registrar.close();
    for (const connection of connections) connection.close();
    await Promise.all(servers.map((server) => server.drain(100)));
  });

  it('challenges, registers, fetches and removes', async () => {
    const challenged = await edge.register(registerRequest(), context);
    expect(challenged.outcome?.$case).toBe('challenged');
    const nonce = challenged.outcome?.$case === 'challenged' ? challenged.outcome.value.nonce : '';
    const registered = await edge.register(registerRequest({ credentials: [answer(nonce)] }), context);
    expect(registered.outcome).toMatchObject({
      $case: 'registered',
      value: { bindings: [{ uri: 'sip:alice@192.0.2.1:5060', userAgent: 'Test/1' }] },
    });
    const credentials = [answer(nonce, { nc: '00000002' })];
    const removed = await edge.register(
      registerRequest({ credentials, contacts: [], removeAll: true, expiresSec: 0 }),
      context,
    );
    expect(removed.outcome).toMatchObject({ $case: 'registered', value: { bindings: [] } });
  });

  it('tells an Expires of 0 from none, on both hops', async () => {
    const credentials = () => [answer(auth.mintNonce())];
    const contacts = [contact('sip:alice@192.0.2.5')];
    await edge.register(registerRequest({ credentials: credentials(), contacts }), context);
    const removal = registerRequest({ credentials: credentials(), contacts, expiresSec: 0 });
    const removed = await edge.register(removal, context);
    expect(removed.outcome).toMatchObject({ $case: 'registered', value: { bindings: [] } });
  });

  it('answers a hundred at once, each for itself', async () => {
    const requests = Array.from({ length: 100 }, (_, n) => {
      const username = `user-${n}`;
      const aor = `sip:${username}@example.com`;
      auth.users.set(username, { password: username, vector: { aors: [aor] } });
      const password = n % 10 === 9 ? 'no' : username;
      return registerRequest({ aor, credentials: [answer(auth.mintNonce(), { username, password })] });
    });
    const responses = await Promise.all(requests.map((request) => edge.register(request, context)));
    const cases = responses.map((response) => response.outcome?.$case);
    expect(cases.filter((each) => each === 'registered')).toHaveLength(90);
    expect(cases.filter((each) => each === 'challenged')).toHaveLength(10);
  });

  it('relays leases', async () => {
    const { lease } = await edge.leaseChallenges({ domain: 'example.com', count: 4 }, context);
    expect(lease?.nonces).toHaveLength(4);
    const { lease: none } = await edge.leaseChallenges({ domain: 'other.org', count: 4 }, context);
    expect(none).toBeUndefined();
  });

  it('hears an invalidation over its stream', async () => {
    const credentials = () => [answer(auth.mintNonce())];
    await edge.register(registerRequest({ credentials: credentials(), callId: 'x' }), context);
    const before = auth.timesAsked('getVector');
    auth.sendInvalidated('alice');
    await until(async () => {
      await edge.register(registerRequest({ credentials: credentials(), callId: 'x' }), context);
      return auth.timesAsked('getVector') > before;
    });
  });
});

/** Waits until something is so; each look is a turn of the event loop that lets messages in. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
