import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { connectToRollcall } from '@rollcall/client';
import { connectAuth, connectLocation } from '@rollcall/rpc';
import { type GrpcTlsConfig, GrpcTlsFiles, systemClock } from '@rollcall/runtime';
import {
  type RunningRedis,
  type ServiceName,
  type ServicesCluster,
  SipAgent,
  serviceNames,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LineLog } from './src/line-log.ts';
import { MountedSecret } from './src/mounted-secret.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { runProgram } from './src/run-program.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** A renewal is noticed within two looks, two seconds apart; the machine is busy. */
const noticeMs = 30_000;

const [phone] = makePhones('secured', 1);
const log = new LineLog();
const secrets = new Map<string, MountedSecret>();
let folder: ScratchFolder;
let authority: TestAuthority;
let redis: RunningRedis;
let cluster: ServicesCluster;

/** The certificate of a service, or of somebody else, by its name. */
function issue(name: string, by = authority): Promise<IssuedCertificate> {
  return by.issue({ dns: [`${name}.voice.svc`], ips: ['127.0.0.1'] });
}

async function mount(name: string, issued: IssuedCertificate): Promise<void> {
  const secret = secrets.get(name) ?? new MountedSecret(join(folder.path, name));
  secrets.set(name, secret);
  await secret.put({ 'tls.crt': issued.cert, 'tls.key': issued.key, 'ca.crt': authority.cert });
}

function fileOf(name: string, file: string): string {
  return secrets.get(name)?.file(file) ?? '';
}

function variablesOf(name: string): Record<string, string> {
  return {
    GRPC_TLS_CERT_FILE: fileOf(name, 'tls.crt'),
    GRPC_TLS_KEY_FILE: fileOf(name, 'tls.key'),
    GRPC_TLS_CA_FILE: fileOf(name, 'ca.crt'),
  };
}

const callers: Readonly<Record<ServiceName, Record<string, string>>> = {
  edge: {},
  registrar: { REGISTRAR_GRPC_EDGES: 'edge.voice.svc' },
  redirect: { REDIRECT_GRPC_EDGES: 'edge.voice.svc' },
  auth: { AUTH_GRPC_REGISTRARS: 'registrar.voice.svc', AUTH_GRPC_REDIRECTS: 'redirect.voice.svc' },
  location: {
    LOCATION_GRPC_REGISTRARS: 'registrar.voice.svc',
    LOCATION_GRPC_REDIRECTS: 'redirect.voice.svc',
    LOCATION_GRPC_CLIENTS: 'router.voice.svc',
  },
};

beforeAll(async () => {
  if (phone === undefined) throw new Error('no phone');
  folder = await makeScratchFolder();
  authority = await TestAuthority.create('Voice services');
  for (const name of [...serviceNames, 'router']) await mount(name, await issue(name));
  const subscribers = await folder.write('subscribers.yaml', formatSubscribers([phone]));
  redis = await startRedis();
  cluster = await startServices({
    redisUrl: redis.url,
    env: { AUTH_SUBSCRIBERS: `file:${subscribers}` },
    envOf: (service) => ({ ...variablesOf(service), ...callers[service] }),
    onLine: (service, line) => log.add(`${service}: ${line}`),
  });
});

afterAll(async () => {
  await cluster?.stop();
  await redis?.stop();
  await folder?.remove();
});

/** Registers the phone; the status of the answer. */
async function register(agent: SipAgent): Promise<number> {
  const { aor = '', password = '' } = phone ?? {};
  return (await agent.register({ aor, password })).status;
}

/** What a new connection is shown at location. */
function serialShown(): Promise<string> {
  const [host = '', port = ''] = cluster.locationApi.split(':');
  const { cert, key } = routerIdentity;
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host, port: Number(port), cert, key, ca: authority.cert, ALPNProtocols: ['h2'] },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

let routerIdentity: IssuedCertificate;
beforeAll(async () => {
  routerIdentity = await issue('router');
});

async function scrape(service: ServiceName): Promise<string> {
  return (await fetch(`http://${cluster.http[service]}/metrics`)).text();
}

function sample(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

function filesOf(name: string): GrpcTlsFiles {
  const variables = variablesOf(name);
  const config: GrpcTlsConfig = {
    grpcTlsCertFile: variables.GRPC_TLS_CERT_FILE ?? '',
    grpcTlsKeyFile: variables.GRPC_TLS_KEY_FILE ?? '',
    grpcTlsCaFile: variables.GRPC_TLS_CA_FILE ?? '',
    grpcTlsServerName: '',
  };
  return new GrpcTlsFiles({ config, clock: systemClock, onReload: () => undefined });
}

describe('five processes with mutual TLS', () => {
  it('register a phone, find it for a caller, and tell other services of it', async () => {
    await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
    const { aor = '' } = phone ?? {};
    expect(await register(agent)).toBe(200);
    const invite = await agent.request({ method: 'INVITE', uri: aor });
    expect(invite.status).toBe(302);

    const rollcall = connectToRollcall(cluster.locationApi, {
      tls: {
        caFile: fileOf('router', 'ca.crt'),
        certFile: fileOf('router', 'tls.crt'),
        keyFile: fileOf('router', 'tls.key'),
      },
    });
    expect((await rollcall.lookUp(aor)).bindings).toHaveLength(1);
    const seen = rollcall.watch({ aors: [aor] })[Symbol.asyncIterator]();
    expect(await seen.next()).toMatchObject({ value: { type: 'snapshot' } });
    rollcall.close();
  });

  it('`rollcall lookup` shows its certificate, and says why it may not without', async () => {
    const { aor = '' } = phone ?? {};
    const lookup = (env: Record<string, string>, ...args: string[]) =>
      runProgram('services/cli/src/main.ts', env, [
        'lookup',
        aor,
        `--location=${cluster.locationApi}`,
        ...args,
      ]);
    const good = lookup(variablesOf('router'));
    expect(await good.ended).toBe(0);
    expect(good.stdout.text).toContain('is registered');

    const bare = lookup({}, `--grpc-ca=${fileOf('router', 'ca.crt')}`);
    expect(await bare.ended).not.toBe(0);
    expect(bare.stderr.text).toMatch(/certificate required/);

    const servers = [cluster.registrarApi, cluster.authApi, cluster.locationApi, cluster.redirectApi];
    const health = runProgram('services/cli/src/main.ts', variablesOf('router'), ['health', ...servers]);
    expect(await health.ended).toBe(0);
    const bareHealth = runProgram('services/cli/src/main.ts', {}, [
      'health',
      `--grpc-ca=${fileOf('router', 'ca.crt')}`,
      ...servers,
    ]);
    expect(await bareHealth.ended).toBe(3);
    expect(bareHealth.stdout.text.match(/certificate required/g)).toHaveLength(4);

    const plain = lookup({});
    expect(await plain.ended).not.toBe(0);

    const missing = lookup({}, '--grpc-ca=/nowhere/ca.crt');
    expect(await missing.ended).toBe(2);
    expect(missing.stderr.text).toMatch(/--grpc-ca \/nowhere\/ca.crt must name a readable file \(ENOENT\)/);
  });

  it('give vectors to registrars only, bindings to change to registrars only', async () => {
    const call = { timeoutMs: 5000, traceparent: '' };
    const files = filesOf('router');
    const auth = connectAuth(cluster.authApi, { clock: systemClock, tls: files });
    const location = connectLocation(cluster.locationApi, { clock: systemClock, tls: files });
    try {
      await auth.whenReady(10_000);
      const vector = auth.getVector(
        { realm: 'example.com', username: 'alice', userhash: false, algorithm: '', aor: '' },
        call,
      );
      await expect(vector).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' });
      await location.whenReady(10_000);
      await expect(location.lookUp({ aor: phone?.aor ?? '' }, call)).rejects.toMatchObject({
        reason: 'CALLER_NOT_ALLOWED',
      });
    } finally {
      auth.close();
      location.close();
      files.close();
    }
    expect(log.text).toContain('router.voice.svc may not call GetVectorBatches');
  });

  it('a renewed certificate is shown to new connections, the old ones live on', async () => {
    const before = await scrape('location');
    const series = 'rollcall_tls_certificate_not_after_timestamp_seconds{usage="grpc_server"}';
    expect(sample(before, series)).toBeGreaterThan(Date.now() / 1000);
    const files = filesOf('router');
    const internal = connectLocation(cluster.locationApi, { clock: systemClock, tls: files });
    await internal.whenReady(10_000);
    let stillConnected = true;
    const watching = setInterval(() => (stillConnected &&= internal.ready()), 20);

    const renewed = await issue('location');
    await mount('location', renewed);
    await vi.waitFor(
      async () => expect(await serialShown()).toBe(new X509Certificate(renewed.cert).serialNumber),
      { timeout: noticeMs, interval: 250 },
    );
    await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
    expect(await register(agent)).toBe(200);
    clearInterval(watching);
    expect(stillConnected).toBe(true);
    internal.close();
    files.close();
    expect(sample(await scrape('location'), 'rollcall_tls_certificate_reloads_total{result="success"}')).toBe(
      1,
    );
    expect(log.text).toMatch(/location: .*gRPC certificate read again/);
  });

  it('a bad renewal leaves the certificate in use, and says so', async () => {
    const shown = await serialShown();
    const stranger = await issue('location');
    await mount('location', { cert: stranger.cert, key: (await issue('location')).key });
    await vi.waitFor(
      async () =>
        expect(
          sample(await scrape('location'), 'rollcall_tls_certificate_reloads_total{result="failure"}'),
        ).toBe(1),
      { timeout: noticeMs, interval: 250 },
    );
    expect(await serialShown()).toBe(shown);
    expect(log.text).toMatch(/the key does not belong to the certificate/);
  });
});

describe('a wrong file', () => {
  it.each([
    [
      'edge',
      { GRPC_TLS_CA_FILE: '/nowhere/ca.crt' },
      /GRPC_TLS_CA_FILE=\/nowhere\/ca.crt\n +must name a readable file/,
    ],
    ['edge', { GRPC_TLS_KEY_FILE: '/nowhere/tls.key' }, /GRPC_TLS_CERT_FILE is empty/],
    ['registrar', { GRPC_TLS_CERT_FILE: '/a', GRPC_TLS_KEY_FILE: '/b' }, /GRPC_TLS_CA_FILE is empty/],
    ['location', { GRPC_TLS_CA_FILE: '/nowhere/ca.crt' }, /GRPC_TLS_CERT_FILE is empty/],
    [
      'auth',
      { AUTH_GRPC_REGISTRARS: 'registrar' },
      /AUTH_GRPC_REGISTRARS=registrar\n +needs GRPC_TLS_CA_FILE/,
    ],
    [
      'location',
      { LOCATION_GRPC_CLIENTS: 'router' },
      /LOCATION_GRPC_REGISTRARS is empty, but LOCATION_GRPC_CLIENTS is set/,
    ],
    ['redirect', { REDIRECT_GRPC_EDGES: 'not a/name' }, /must be names in certificates/],
    ['standalone', { GRPC_TLS_CERT_FILE: '/a', GRPC_TLS_KEY_FILE: '/b' }, /GRPC_TLS_CERT_FILE=\/a/],
  ])('%s does not start with %o', async (name, env, problem) => {
    const program = runProgram(`services/${name}/src/main.ts`, env);
    expect(await program.ended).toBe(78);
    expect(program.stderr.text).toMatch(problem);
  });
});
