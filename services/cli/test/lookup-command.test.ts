import {
  GrpcCode,
  type GrpcServer,
  type LocationApiCalls,
  type LocationCalls,
  locationServices,
  type PublicBinding,
  type Registration,
  ServiceFault,
  serveGrpc,
} from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { afterEach, expect, it } from 'vitest';
import { type Run, runRollcall } from './run-rollcall.ts';

const alice = 'sip:alice@example.com';
const bob = 'sip:bob@example.com';

const binding: PublicBinding = {
  contact: 'sip:alice@192.0.2.1:5070',
  remaining: { seconds: 599, nanos: 4_000_000 },
  expireTime: new Date(1_800_000_000_000),
  q: 0.7,
  path: [],
  instanceId: '',
  regId: 0,
  methods: [],
  params: '',
  userAgent: 'Phone\u001b[2J 1.0',
  received: '198.51.100.4:33000',
  flow: { edge: 'edge-0', token: 'abc', transport: 'tcp' },
  refreshTime: new Date(1_799_999_400_000),
  callId: 'c',
  cseq: 2,
  bindingId: 'b',
  gruuTime: undefined,
  gruuFirstCseq: 0,
};

const registrations: Readonly<Record<string, Registration>> = {
  [alice]: { aor: alice, bindings: [binding], expireTime: binding.expireTime, etag: 'e' },
  [bob]: { aor: bob, bindings: [], expireTime: undefined, etag: '' },
};

const internal: LocationCalls = {
  apply: () => Promise.reject(new ServiceFault(GrpcCode.UNIMPLEMENTED, 'INTERNAL', 'not for this test')),
  endFlows: () => Promise.reject(new ServiceFault(GrpcCode.UNIMPLEMENTED, 'INTERNAL', 'not for this test')),
  lookUp: () => Promise.reject(new ServiceFault(GrpcCode.UNIMPLEMENTED, 'INTERNAL', 'not for this test')),
};

const unused = () =>
  Promise.reject(new ServiceFault(GrpcCode.UNIMPLEMENTED, 'INTERNAL', 'not for this test'));

let server: GrpcServer | undefined;

async function serve(calls: Partial<LocationApiCalls> = {}): Promise<string> {
  const api: LocationApiCalls = {
    getRegistration: async ({ aor }) => ({ registration: registrations[aor] }),
    batchGetRegistrations: async ({ aors }) => ({
      results: aors.map((aor) => {
        const value = registrations[aor];
        return value === undefined
          ? {
              aor,
              result: { $case: 'error', value: { code: 14, message: 'the store is down', details: [] } },
            }
          : { aor, result: { $case: 'registration', value } };
      }),
    }),
    listRegistrations: unused,
    deleteBinding: unused,
    deleteRegistration: unused,
    watchRegistrations: () => ({ resume: () => undefined, cancel: () => undefined }),
    ...calls,
  };
  server = await serveGrpc('127.0.0.1:0', locationServices(internal, api), { clock: systemClock });
  server.setServing(true);
  return `127.0.0.1:${server.port}`;
}

function lookup(location: string, ...args: string[]): Promise<Run> {
  return runRollcall(['lookup', '--location', location, ...args]);
}

afterEach(async () => {
  await server?.drain(0);
  server = undefined;
});

it('shows the bindings of one address as a table', async () => {
  const { exitCode, out } = await lookup(await serve(), alice);
  expect(exitCode).toBe(0);
  expect(out.split('\n')).toEqual([
    'sip:alice@example.com is registered',
    'CONTACT                   EXPIRES IN  Q    RECEIVED                EDGE    USER AGENT',
    'sip:alice@192.0.2.1:5070  599 s       0.7  tcp 198.51.100.4:33000  edge-0  Phone\ufffd[2J 1.0',
    '',
  ]);
});

it('prints the names of the public API as JSON', async () => {
  const { out } = await lookup(await serve(), alice, '--json');
  const { addresses } = JSON.parse(out);
  expect(addresses).toEqual([
    {
      aor: alice,
      expireTime: '2027-01-15T08:00:00.000Z',
      bindings: [
        expect.objectContaining({ contact: binding.contact, q: 0.7, expiresSec: 599, flow: binding.flow }),
      ],
    },
  ]);
  expect(addresses[0].bindings[0]).not.toHaveProperty('remaining');
});

it('asks for several at once and ends with 1 where one is not registered or not known', async () => {
  const { exitCode, out } = await lookup(await serve(), alice, bob, 'sip:carol@example.com');
  expect(exitCode).toBe(1);
  expect(out).toContain('sip:alice@example.com is registered\n');
  expect(out).toContain('sip:bob@example.com is not registered\n');
  expect(out).toContain('sip:carol@example.com the store is down\n');
});

it('asks in lots of 1,000', async () => {
  const sizes: number[] = [];
  const location = await serve({
    batchGetRegistrations: async ({ aors }) => {
      sizes.push(aors.length);
      return { results: aors.map((aor) => ({ aor, result: undefined })) };
    },
  });
  const aors = Array.from({ length: 1001 }, (_, index) => `sip:u${index}@example.com`);
  expect((await lookup(location, ...aors)).exitCode).toBe(1);
  expect(sizes).toEqual([1000, 1]);
});

it('ends with 3 and says what to do where location is not there', async () => {
  const location = await serve();
  await server?.drain(0);
  server = undefined;
  const { exitCode, err } = await lookup(location, alice);
  expect(exitCode).toBe(3);
  expect(err).toContain(`no answer from location at ${location}: is it running? try \`npm start\``);
});

it('ends with 3 when the time is over', async () => {
  const location = await serve({ getRegistration: () => new Promise(() => {}) });
  const { exitCode, err } = await lookup(location, alice, '--timeout', '1');
  expect(exitCode).toBe(3);
  expect(err).toContain('in time');
});

it('ends with 1 and the reason where location is there but has a fault', async () => {
  const fault = new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', 'no Redis');
  const location = await serve({ getRegistration: () => Promise.reject(fault) });
  const { exitCode, err } = await lookup(location, alice);
  expect(exitCode).toBe(1);
  expect(err).toContain('STORE_UNAVAILABLE: no Redis');
});
