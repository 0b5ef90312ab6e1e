import { X509Certificate } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { service as healthService } from 'grpc-health-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  authService,
  type CallerRule,
  connectAuth,
  type GetVectorResponse,
  GrpcCode,
  namedCallers,
  type ServeOptions,
  serveGrpc,
  type TlsIdentity,
  type TlsSource,
  type WatchSubscribersResponse,
} from '../src/index.ts';
import { silentClient, silentServer } from '../src/observer.ts';
import { clock, unhurried, until } from './loopback.ts';
import { noAuthCalls } from './no-auth-calls.ts';

/** An identity that a test renews. */
class Renewable implements TlsSource {
  identity: TlsIdentity;
  readonly serverName: string;
  readonly #listeners: (() => void)[] = [];

  constructor(identity: TlsIdentity, serverName = '') {
    this.identity = identity;
    this.serverName = serverName;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  renew(identity: TlsIdentity): void {
    this.identity = identity;
    for (const listener of this.#listeners) listener();
  }
}

const closers: (() => unknown)[] = [];
let ca: TestAuthority;
let stranger: TestAuthority;
let serverIdentity: TlsIdentity;
let registrarIdentity: TlsIdentity;

beforeAll(async () => {
  ca = await TestAuthority.create('Services');
  stranger = await TestAuthority.create('Strangers');
  serverIdentity = { ...(await ca.issue({ dns: ['auth.test'] })), ca: ca.cert };
  registrarIdentity = { ...(await ca.issue({ dns: ['registrar.test'] })), ca: ca.cert };
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const vector = { vector: undefined, maxAge: undefined } as unknown as GetVectorResponse;

/** Auth on a port of its own. */
async function serve(options: Partial<ServeOptions>) {
  const calls = {
    ...noAuthCalls,
    getVector: () => Promise.resolve(vector),
    useNonce: () => Promise.resolve({ fresh: true }),
    watchSubscribers: (_watcher: string, sink: { onEvent(event: WatchSubscribersResponse): void }) => {
      sink.onEvent({ event: undefined });
      return { cancel() {} };
    },
  };
  const server = await serveGrpc('127.0.0.1:0', [authService(calls)], { clock, ...options });
  closers.push(() => server.drain(100));
  return server;
}

/** A client of auth as "auth.test", and why its handshakes failed. */
function dial(port: number, tls: TlsSource | undefined, host = 'auth.test') {
  const failures: string[] = [];
  const client = connectAuth(`dns:///${host}:${port}`, {
    clock,
    tls,
    resolve: () => Promise.resolve(['127.0.0.1']),
    observer: {
      ...silentClient,
      onHandshakeFailed: (_target, reason) => failures.push(reason),
    },
  });
  closers.push(() => client.close());
  return { client, failures };
}

const request = { realm: 'example.com', username: 'alice' } as Parameters<
  ReturnType<typeof connectAuth>['getVector']
>[0];
const nonceUse = { nonce: 'n', nc: 1 } as unknown as Parameters<
  ReturnType<typeof connectAuth>['useNonce']
>[0];

/** The serial number that a server shows to a new connection. */
function serialShown(port: number, identity: TlsIdentity): Promise<string> {
  return new Promise((resolve, reject) => {
    const { cert, key, ca: authority } = identity;
    const socket: TLSSocket = connect(
      { port, host: '127.0.0.1', servername: 'auth.test', ALPNProtocols: ['h2'], cert, key, ca: authority },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

function serialOf(identity: TlsIdentity): string {
  return new X509Certificate(identity.cert ?? '').serialNumber;
}

describe('mutual TLS', () => {
  it('carries unary calls, batched streams, watches and health', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity) });
    server.setServing(true);
    const { client, failures } = dial(server.port, new Renewable(registrarIdentity));
    expect(await client.getVector(request, unhurried)).toEqual(vector);
    expect(await client.useNonce(nonceUse, unhurried)).toEqual({ fresh: true });
    let told = 0;
    closers.push(client.watchSubscribers('me', { onEvent: () => (told += 1), onEnd() {} }).cancel);
    await until(() => told > 0);
    expect(failures).toEqual([]);
    expect(await askHealth(server.port, registrarIdentity)).toBe('SERVING');
  });

  it('refuses a caller whose certificate another authority signed', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity) });
    const own = { ...(await stranger.issue({ dns: ['registrar.test'] })), ca: ca.cert };
    const { client, failures } = dial(server.port, new Renewable(own));
    await expect(client.getVector(request, unhurried)).rejects.toMatchObject({
      reason: 'BACKEND_UNAVAILABLE',
    });
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/may not trust our certificate/);
  });

  it('refuses a caller without a certificate', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity) });
    const { client, failures } = dial(server.port, new Renewable({ ca: ca.cert }));
    await expect(client.getVector(request, unhurried)).rejects.toMatchObject({
      reason: 'BACKEND_UNAVAILABLE',
    });
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/certificate required/);
  });

  it('refuses a server whose certificate another authority signed, and says so', async () => {
    const other = { ...(await stranger.issue({ dns: ['auth.test'] })), ca: ca.cert };
    const server = await serve({ tls: new Renewable(other) });
    const { client, failures } = dial(server.port, new Renewable(registrarIdentity));
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/unable to verify|self-signed|local issuer/);
    await expect(client.getVector(request, unhurried)).rejects.toThrow(failures[0]);
  });

  it('refuses a server that does not prove the name it is called by', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity) });
    const { failures } = dial(server.port, new Renewable(registrarIdentity), 'location.test');
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/location\.test/);
    const named = dial(server.port, new Renewable(registrarIdentity, 'auth.test'), 'location.test');
    expect(await named.client.getVector(request, unhurried)).toEqual(vector);
  });

  it('knows a server by its address where the target is one', async () => {
    const identity = { ...(await ca.issue({ ips: ['127.0.0.1'] })), ca: ca.cert };
    const server = await serve({ tls: new Renewable(identity) });
    const { client } = dial(server.port, new Renewable(registrarIdentity), '127.0.0.1');
    expect(await client.getVector(request, unhurried)).toEqual(vector);
  });

  it('speaks to nobody who speaks no TLS', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity) });
    const { client } = dial(server.port, undefined);
    await expect(client.getVector(request, unhurried)).rejects.toMatchObject({
      reason: 'BACKEND_UNAVAILABLE',
    });
  });

  it('gives up a handshake with who says nothing', async () => {
    const silent = await listenSilently();
    const { failures } = dial((silent.address() as AddressInfo).port, new Renewable(registrarIdentity));
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/in time/);
  });
});

describe('a renewed certificate', () => {
  it('of a server is shown to new connections; the old one lives on', async () => {
    const tls = new Renewable(serverIdentity);
    const server = await serve({ tls });
    const { client } = dial(server.port, new Renewable(registrarIdentity));
    let ended = false;
    let told = 0;
    const watch = client.watchSubscribers.bind(client);
    await client.getVector(request, unhurried);
    watch('me', { onEvent: () => (told += 1), onEnd: () => (ended = true) });
    await until(() => told > 0);
    expect(await serialShown(server.port, registrarIdentity)).toBe(serialOf(serverIdentity));

    const renewed = { ...(await ca.issue({ dns: ['auth.test'] })), ca: ca.cert };
    tls.renew(renewed);
    expect(await serialShown(server.port, registrarIdentity)).toBe(serialOf(renewed));
    expect(await client.getVector(request, unhurried)).toEqual(vector);
    expect(ended).toBe(false);
  });

  it('of a client is shown to the next server, and a new authority of a server counts at once', async () => {
    const serverTls = new Renewable(serverIdentity);
    const server = await serve({ tls: serverTls });
    const own = new Renewable(registrarIdentity);
    expect(await dial(server.port, own).client.getVector(request, unhurried)).toEqual(vector);

    // Both are signed by another authority now, one after the other, as in a rotation.
    serverTls.renew({ ...serverIdentity, ca: stranger.cert });
    const before = dial(server.port, own);
    await until(() => before.failures.length > 0);
    own.renew({ ...(await stranger.issue({ dns: ['registrar.test'] })), ca: ca.cert });
    await before.client.whenReady(10_000);
    expect(await before.client.getVector(request, unhurried)).toEqual(vector);
  });
});

describe('TLS without certificates of callers', () => {
  it('lets anybody in who trusts the server', async () => {
    const { cert, key } = serverIdentity;
    const server = await serve({ tls: new Renewable({ cert, key }) });
    const { client } = dial(server.port, new Renewable({ ca: ca.cert }));
    expect(await client.getVector(request, unhurried)).toEqual(vector);
  });
});

describe('who may call what', () => {
  const registrars = namedCallers(['registrar.test']);
  const callers: CallerRule = ({ name }) => (name === 'UseNonce' ? undefined : registrars);

  async function redirect() {
    return new Renewable({ ...(await ca.issue({ dns: ['redirect.test'] })), ca: ca.cert });
  }

  it('is asked of the certificate: in a batch, a unary call, a watch', async () => {
    const refused: string[] = [];
    const server = await serve({
      tls: new Renewable(serverIdentity),
      callers,
      observer: {
        ...silentServer,
        onRefused: (_method, message) => refused.push(message),
      },
    });
    const { client } = dial(server.port, await redirect());
    await expect(client.getVector(request, unhurried)).rejects.toMatchObject({
      code: GrpcCode.PERMISSION_DENIED,
      reason: 'CALLER_NOT_ALLOWED',
    });
    const lease = { domain: 'example.com', count: 1 } as unknown as Parameters<
      typeof client.leaseChallenges
    >[0];
    await expect(client.leaseChallenges(lease, unhurried)).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    });
    let ended = false;
    client.watchSubscribers('me', { onEvent() {}, onEnd: () => (ended = true) });
    await until(() => ended);
    expect(await client.useNonce(nonceUse, unhurried)).toEqual({ fresh: true });
    expect(refused).toContain('redirect.test may not call GetVectorBatches');
    expect(refused).toContain('redirect.test may not call WatchSubscribers');
  });

  it('lets in those who are named', async () => {
    const server = await serve({ tls: new Renewable(serverIdentity), callers });
    const { client } = dial(server.port, new Renewable(registrarIdentity));
    expect(await client.getVector(request, unhurried)).toEqual(vector);
  });

  it('is nobody where callers show no certificate', async () => {
    const { cert, key } = serverIdentity;
    const server = await serve({ tls: new Renewable({ cert, key }), callers });
    const { client } = dial(server.port, new Renewable(registrarIdentity));
    await expect(client.getVector(request, unhurried)).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    });
  });
});

async function listenSilently(): Promise<Server> {
  const silent = createServer((socket) => closers.push(() => socket.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closers.push(() => silent.close());
  return silent;
}

/** Asks as somebody else's program does: with grpc-js as it is. */
function askHealth(port: number, identity: TlsIdentity): Promise<string> {
  const [root, key, cert] = [identity.ca, identity.key, identity.cert].map((pem) => Buffer.from(pem ?? ''));
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(root, key, cert), {
    'grpc.ssl_target_name_override': 'auth.test',
  });
  closers.push(() => client.close());
  const check = healthService.Check;
  return new Promise((resolve, reject) => {
    if (check === undefined) throw new Error('no Check in the health service');
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: '' },
      new Metadata(),
      { deadline: Date.now() + 5000 },
      (error, response) =>
        error === null ? resolve((response as { status: string }).status) : reject(error),
    );
  });
}
