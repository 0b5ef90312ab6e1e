import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  type GrpcServer,
  type LocationApiCalls,
  type LocationCalls,
  locationServices,
  type PublicBinding,
  serveGrpc,
} from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { afterEach, expect, it } from 'vitest';
import { FakeRegistrar, type FakeRules } from './fake-registrar.ts';
import { type Run, runRollcall } from './run-rollcall.ts';

let registrar: FakeRegistrar | undefined;

async function start(rules: FakeRules = { passwords: { alice: 'wonderland' } }): Promise<FakeRegistrar> {
  registrar = await FakeRegistrar.start(rules);
  registrar.contacts.set('alice', ['<sip:alice@192.0.2.1>;expires=60']);
  return registrar;
}

function probe(server: FakeRegistrar, ...args: string[]): Promise<Run> {
  const login = ['--password', 'wonderland', '--timeout', '1'];
  return runRollcall(['probe', 'sip:alice@example.com', '--server', server.address, ...login, ...args]);
}

let location: GrpcServer | undefined;

/** A location service that knows what the registrar of this test has, or what it is given. */
async function serveLocation(server: FakeRegistrar, contacts?: readonly string[]): Promise<string> {
  const rest: Omit<PublicBinding, 'contact'> = {
    remaining: { seconds: 60, nanos: 0 },
    expireTime: new Date(1_800_000_000_000),
    q: 1,
    path: [],
    instanceId: '',
    regId: 0,
    methods: [],
    params: '',
    userAgent: '',
    received: '',
    flow: undefined,
    refreshTime: undefined,
    callId: 'c',
    cseq: 1,
    bindingId: 'b',
    gruuTime: undefined,
    gruuFirstCseq: 0,
  };
  const unused = () => Promise.reject(new Error('not for this test'));
  const api: LocationApiCalls = {
    getRegistration: async ({ aor }) => {
      const rows = contacts ?? server.contacts.get('alice') ?? [];
      const bindings = rows.map((row) => ({ ...rest, contact: /<(.*)>/.exec(row)?.[1] ?? '' }));
      return { registration: { aor, bindings, expireTime: undefined, etag: '' } };
    },
    batchGetRegistrations: unused,
    listRegistrations: unused,
    deleteBinding: unused,
    deleteRegistration: unused,
    watchRegistrations: () => ({ resume: () => undefined, cancel: () => undefined }),
  };
  const internal: LocationCalls = { apply: unused, endFlows: unused, lookUp: unused };
  location = await serveGrpc('127.0.0.1:0', locationServices(internal, api), { clock: systemClock });
  location.setServing(true);
  return `127.0.0.1:${location.port}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

afterEach(async () => {
  await registrar?.close();
  await location?.drain(0);
  registrar = undefined;
  location = undefined;
});

it('registers a contact, finds it, removes it, and leaves the others alone', async () => {
  const server = await start();
  const { exitCode, out } = await probe(server);
  expect(exitCode).toBe(0);
  expect(
    out
      .replaceAll(/\d+ ms/g, 'n ms')
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
  ).toEqual([
    'STEP ANSWER TOOK VERDICT',
    'register 200 n ms good',
    'find 302 n ms good',
    'remove 200 n ms good',
    '',
  ]);
  expect(server.contacts.get('alice')).toEqual(['<sip:alice@192.0.2.1>;expires=60']);
});

it('removes its contact also where callers are not told of it', async () => {
  const server = await start({ passwords: { alice: 'wonderland' }, redirectTo: ['<sip:alice@192.0.2.1>'] });
  const { exitCode, out } = await probe(server, '--json');
  expect(exitCode).toBe(1);
  const { good, steps } = JSON.parse(out);
  expect(good).toBe(false);
  expect(steps.map(({ name, problem }: { name: string; problem: string }) => [name, problem])).toEqual([
    ['register', ''],
    ['find', 'callers are not told of the contact just registered'],
    ['remove', ''],
  ]);
  expect(server.contacts.get('alice')).toHaveLength(1);
});

it('ends with 1 where the registration is refused', async () => {
  const { exitCode, out } = await probe(await start({ always: { status: '403 Forbidden' } }));
  expect(exitCode).toBe(1);
  expect(out).toMatch(/register +403 .*refused for good/);
});

it('ends with 3 where nobody answers', async () => {
  const { exitCode, out } = await probe(await start({ deafFor: 99 }));
  expect(exitCode).toBe(3);
  expect(out).toMatch(/register +NONE .*no answer from/);
});

it('looks the contact up over gRPC, as another service does', async () => {
  const server = await start();
  const { exitCode, out } = await probe(server, '--location', await serveLocation(server));
  expect(out).toMatch(/lookup +OK .* good/);
  expect(exitCode).toBe(0);
});

it('ends with 1 where location does not tell of the contact', async () => {
  const server = await start();
  const target = await serveLocation(server, ['<sip:alice@192.0.2.1>']);
  const { exitCode, out } = await probe(server, '--location', target);
  expect(out).toContain('location does not tell of the contact just registered');
  expect(exitCode).toBe(1);
  expect(server.contacts.get('alice')).toHaveLength(1);
});

it('ends with 3 where location does not answer', async () => {
  const { exitCode, out } = await probe(await start(), '--location', `127.0.0.1:${await freePort()}`);
  expect(out).toMatch(/lookup +NONE .*no answer from location/);
  expect(exitCode).toBe(3);
});

it('goes several ways, each in its turn, and fails where one of them does', async () => {
  const server = await start();
  const nobody = `127.0.0.1:${await freePort()}`;
  const { exitCode, out } = await probe(
    server,
    '--json',
    '--via',
    `udp:${server.address}`,
    '--via',
    `tcp:${nobody}`,
  );
  expect(exitCode).toBe(3);
  const { good, servers } = JSON.parse(out);
  expect(good).toBe(false);
  expect(servers.map((each: { transport: string; good: boolean }) => [each.transport, each.good])).toEqual([
    ['udp', true],
    ['tcp', false],
  ]);
});

it('refuses a way without a transport', async () => {
  const { exitCode, err } = await probe(await start(), '--via', '127.0.0.1:5060');
  expect(exitCode).toBe(2);
  expect(err).toContain('must begin with a transport');
});

it('goes on as a canary until it is stopped, and tells Prometheus', async () => {
  const server = await start();
  const port = await freePort();
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const nobody = `tcp:127.0.0.1:${await freePort()}`;
  const args = [
    '--loop',
    '1',
    '--metrics',
    `127.0.0.1:${port}`,
    '--via',
    `udp:${server.address}`,
    '--via',
    nobody,
  ];
  const running = runRollcall(
    ['--json', 'probe', 'sip:alice@example.com', '--password', 'wonderland', ...args],
    {},
    stopped,
  );
  const scraped = await scrape(port, /rounds_total\{[^}]*tcp[^}]*bad[^}]*\} [1-9]/);
  stop();
  const { exitCode, out } = await running;
  expect(exitCode).toBe(0);
  expect(scraped).toContain('rollcall_probe_success{check="register",transport="udp"} 1');
  expect(scraped).toContain('rollcall_probe_success{check="remove",transport="udp"} 1');
  expect(scraped).toContain('rollcall_probe_success{check="register",transport="tcp"} 0');
  expect(scraped).toContain('rollcall_probe_success{check="find",transport="tcp"} 0');
  expect(scraped).not.toContain('check="lookup"');
  expect(scraped).toContain('component="canary"');
  const rounds = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { transport: string; good: boolean });
  expect(rounds.slice(0, 2)).toMatchObject([
    { transport: 'udp', good: true },
    { transport: 'tcp', good: false },
  ]);
});

/** Asks until the metrics say it, as Prometheus would. */
async function scrape(port: number, wanted: RegExp): Promise<string> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    const text = (await answer?.text()) ?? '';
    if (wanted.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
