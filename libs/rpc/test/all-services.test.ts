import { afterEach, describe, expect, it } from 'vitest';
import {
  ApplyOutcome,
  type ApplyRequest,
  connectLocation,
  connectLocationApi,
  connectRegistrar,
  locationServices,
  type PacedSink,
  type RegisterRequest,
  registrarService,
  type SubscribeResponse,
  serveGrpc,
  type WatchRegistrationRequest,
  type WatchRegistrationResponse,
  type WatchRegistrationsRequest,
  type WatchRegistrationsResponse,
} from '../src/index.ts';
import { clock, unhurried } from './loopback.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const registerRequest: RegisterRequest = {
  domain: 'example.com',
  aor: 'sip:alice@example.com',
  requestUri: 'sip:example.com',
  fromUri: 'sip:alice@example.com',
  callId: 'c1',
  cseq: 4_294_967_295,
  branch: 'z9hG4bK1',
  contacts: [
    { uri: 'sip:\xc3\xa9@192.0.2.1', params: ';a', expiresSec: 0, qMilli: 500, instanceId: '', regId: 1 },
  ],
  removeAll: false,
  expiresSec: undefined,
  path: ['<sip:edge;lr>'],
  supported: [],
  require: [],
  credentials: [],
  flow: undefined,
  userAgent: '',
  viaCount: 1,
  body: Buffer.from([0, 255]),
  featureCaps: ['*;+sip.pns="apns"'],
  secureAor: true,
  edgePath: '<sip:token@edge.example.com;lr;ob>',
};

const applyRequest: ApplyRequest = {
  aor: 'sip:alice@example.com',
  callId: 'c1',
  cseq: 1,
  branch: 'b',
  updates: [],
  removeAll: true,
  path: [],
  flow: undefined,
  userAgent: '',
  maxBindings: 10,
  nonce: { nonce: 'n', nc: 1, issuedAtMs: 1_763_848_800_000, expiresAtMs: 1_763_848_900_000 },
  refused: true,
  replaceOldest: true,
  gruu: true,
  number: '+15551234',
  push: true,
};

describe('registrar', () => {
  it('gets requests, and gives responses, as they were', async () => {
    const seen: RegisterRequest[] = [];
    const response = {
      outcome: {
        $case: 'registered' as const,
        value: {
          bindings: [],
          path: ['<sip:edge;lr>'],
          require: [],
          supported: ['gruu'],
          serviceRoute: ['<sip:out;lr>'],
          associatedUris: ['<sip:alice@example.com>'],
          featureCaps: ['*;+sip.pns="apns"'],
          gruus: [{ publicGruu: 'sip:alice@example.com;gr=urn:a:b', temporaryGruu: '' }],
          authenticationInfo: 'rspauth="f00"',
          storedAor: '',
        },
      },
    };
    const granted: SubscribeResponse = {
      outcome: {
        $case: 'granted',
        value: { aor: 'sip:a@d', watcher: 'sip:w@d', expiresSec: 3761, mayRegister: true },
      },
    };
    const watched: WatchRegistrationResponse = { full: true, contacts: [] };
    const calls = {
      register: (request: RegisterRequest) => {
        seen.push(request);
        return Promise.resolve(response);
      },
      endFlows: async () => ({ removed: 0 }),
      leaseChallenges: () => Promise.resolve({ lease: undefined }),
      subscribe: () => Promise.resolve(granted),
      watchRegistration: (_: WatchRegistrationRequest, sink: PacedSink<WatchRegistrationResponse>) => {
        setImmediate(() => sink.onResponse(watched));
        return { resume: () => undefined, cancel: () => undefined };
      },
    };
    const server = await serveGrpc('127.0.0.1:0', [registrarService(calls)], { clock });
    const client = connectRegistrar(`127.0.0.1:${server.port}`, { clock });
    closers.push(() => server.drain(0), client.close);
    await client.whenReady(2000);
    expect(await client.register(registerRequest, unhurried)).toEqual(response);
    expect(seen).toEqual([registerRequest]);
    expect(await client.leaseChallenges({ domain: 'd', count: 1 }, unhurried)).toEqual({ lease: undefined });
    const subscribe = {
      domain: 'd',
      aor: 'sip:a@d',
      requestUri: 'sip:a@d',
      callId: 'c',
      cseq: 1,
      branch: 'b',
    };
    const rest = { expiresSec: 0, credentials: [], flow: undefined, body: Buffer.alloc(0) };
    expect(await client.subscribe({ ...subscribe, ...rest }, unhurried)).toEqual(granted);
    const watch = { aor: 'sip:a@d', watcher: 'sip:w@d', temporaryGruus: false };
    const first = await new Promise((resolve) => {
      client.watchRegistration(watch, {
        onResponse: (told) => {
          resolve(told);
          return true;
        },
        onEnd: resolve,
      });
    });
    expect(first).toEqual(watched);
  });
});

describe('location', () => {
  it('serves our own services and everyone on one port', async () => {
    const seen: ApplyRequest[] = [];
    const internal = {
      apply: (request: ApplyRequest) => {
        seen.push(request);
        return Promise.resolve({ outcome: ApplyOutcome.OUT_OF_ORDER, bindings: [], created: 0 });
      },
      endFlows: () => Promise.resolve({ removed: 2 }),
      lookUp: () => Promise.resolve({ bindings: [] }),
    };
    const registration = { aor: 'sip:alice@example.com', bindings: [], expireTime: undefined, etag: '' };
    const watched = { events: [], resumeToken: 't', initialStateComplete: true };
    const listed = { registrations: [registration], nextPageToken: 'p' };
    const api = {
      getRegistration: () => Promise.resolve({ registration }),
      batchGetRegistrations: () =>
        Promise.resolve({
          results: [
            { aor: 'a', result: { $case: 'error' as const, value: { code: 14, message: 'm', details: [] } } },
          ],
        }),
      listRegistrations: () => Promise.resolve(listed),
      deleteBinding: () => Promise.resolve({ registration }),
      deleteRegistration: () => Promise.resolve({ registration }),
      watchRegistrations: (_: WatchRegistrationsRequest, sink: PacedSink<WatchRegistrationsResponse>) => {
        setImmediate(() => sink.onResponse(watched));
        return { resume: () => undefined, cancel: () => undefined };
      },
    };
    const server = await serveGrpc('127.0.0.1:0', locationServices(internal, api), { clock });
    const own = connectLocation(`127.0.0.1:${server.port}`, { clock });
    const outside = connectLocationApi(`127.0.0.1:${server.port}`, { clock });
    closers.push(() => server.drain(0), own.close, outside.close);
    await Promise.all([own.whenReady(2000), outside.whenReady(2000)]);
    expect((await own.apply(applyRequest, unhurried)).outcome).toBe(ApplyOutcome.OUT_OF_ORDER);
    expect(seen).toEqual([applyRequest]);
    expect(await own.endFlows({ flows: [] }, unhurried)).toEqual({ removed: 2 });
    expect(await own.lookUp({ aor: 'sip:alice@example.com' }, unhurried)).toEqual({ bindings: [] });
    expect(await outside.getRegistration({ aor: 'a' }, unhurried)).toEqual({ registration });
    expect(await outside.batchGetRegistrations({ aors: ['a'] }, unhurried)).toMatchObject({
      results: [{ result: { $case: 'error', value: { code: 14 } } }],
    });
    const page = { domain: 'd', pageSize: 0, pageToken: '', readMask: ['aor'] };
    expect(await outside.listRegistrations(page, unhurried)).toEqual(listed);
    const removal = { aor: 'a', etag: '', allowMissing: false };
    expect(await outside.deleteRegistration(removal, unhurried)).toEqual({ registration });
    expect(await outside.deleteBinding({ ...removal, bindingId: 'b' }, unhurried)).toEqual({ registration });
    const watch = { aors: ['a'], domain: '', resumeToken: '', skipInitialState: false };
    const first = await new Promise((resolve) => {
      outside.watchRegistrations(watch, {
        onResponse: (response) => {
          resolve(response);
          return true;
        },
        onEnd: resolve,
      });
    });
    expect(first).toEqual(watched);
  });
});
