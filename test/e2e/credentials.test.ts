import {
  findFreePort,
  Program,
  type RunningRedis,
  type ServicesCluster,
  SipAgent,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LineLog } from './src/line-log.ts';
import { formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** A change is effective within a second; the machine is busy. */
const noticeMs = 10_000;
const [old, young] = ['the-old-secret-of-nonces', 'the-new-secret-of-nonces'];

const phones = makePhones('kept', 4);
const log = new LineLog();
let folder: ScratchFolder;
let redis: RunningRedis;
let cluster: ServicesCluster;
let secondRegistrar: Program;
let secondEdge: Program;
/** One edge in front of each registrar. */
let edges: readonly { readonly host: string; readonly port: number }[];

beforeAll(async () => {
  folder = await makeScratchFolder();
  const [subscribers, secrets] = [
    await folder.write('subscribers.yaml', formatSubscribers(phones)),
    await folder.write('nonce-secrets', old),
  ];
  redis = await startRedis();
  cluster = await startServices({
    redisUrl: redis.url,
    env: {
      AUTH_SUBSCRIBERS: `file:${subscribers}`,
      AUTH_NONCE_SECRETS_FILE: secrets,
      // One minute is the shortest that is granted; nobody here waits for it.
      REGISTRAR_EXPIRES_JITTER: '0',
    },
    onLine: (service, line) => log.add(`${service}: ${line}`),
  });
  const [grpc, http, sip, edgeHttp] = await Promise.all(Array.from({ length: 4 }, () => findFreePort()));
  secondRegistrar = new Program({
    name: 'registrar',
    http: `127.0.0.1:${http}`,
    env: {
      REGISTRAR_GRPC_LISTEN: `127.0.0.1:${grpc}`,
      REGISTRAR_AUTH: `dns:///${cluster.authApi}`,
      REGISTRAR_LOCATION: `dns:///${cluster.locationApi}`,
      REGISTRAR_EXPIRES_JITTER: '0',
      HTTP_LISTEN: `127.0.0.1:${http}`,
      LOG_FORMAT: 'json',
    },
  });
  await secondRegistrar.start();
  secondEdge = new Program({
    name: 'edge',
    http: `127.0.0.1:${edgeHttp}`,
    env: {
      EDGE_NAME: 'second-edge',
      EDGE_UDP_LISTEN: `127.0.0.1:${sip}`,
      EDGE_TCP_LISTEN: `127.0.0.1:${sip}`,
      EDGE_REGISTRAR: `dns:///127.0.0.1:${grpc}`,
      EDGE_REDIRECT: `dns:///${cluster.redirectApi}`,
      HTTP_LISTEN: `127.0.0.1:${edgeHttp}`,
      LOG_FORMAT: 'json',
    },
  });
  await secondEdge.start();
  edges = [cluster.sip, { host: '127.0.0.1', port: sip ?? 0 }];
});

afterAll(async () => {
  await secondEdge?.stop();
  await secondRegistrar?.stop();
  await cluster?.stop();
  await redis?.stop();
  await folder?.remove();
});

/** Status of a registration through each of the edges. */
async function statuses(phone: Phone, password: string): Promise<number[]> {
  return Promise.all(
    edges.map(async (server) => {
      await using agent = new SipAgent({ transport: 'udp', server });
      const { aor, contact } = phone;
      return (await agent.register({ aor, password, contact: `<${contact}>`, expires: 600 })).status;
    }),
  );
}

describe('two edges, two registrars, one auth', () => {
  it('a changed password and a blocked user are effective at both, and for nobody else', async () => {
    const [phone, other] = phones;
    if (phone === undefined || other === undefined) throw new Error('no phones');
    const { password } = phone;
    const changed = formatSubscribers(phones).replace(password, 'a new password');
    // Both registrars keep the vector from here on.
    expect(await statuses(phone, password)).toEqual([200, 200]);

    await folder.write('subscribers.yaml', changed);
    const startedAtMs = performance.now();
    const refused = { timeout: noticeMs, interval: 50 };
    await expect.poll(() => statuses(phone, password), refused).toEqual([401, 401]);
    console.log(
      `the old password was refused everywhere after ${Math.round(performance.now() - startedAtMs)} ms`,
    );
    expect(await statuses(phone, 'a new password')).toEqual([200, 200]);
    expect(await statuses(other, other.password)).toEqual([200, 200]);

    await folder.write(
      'subscribers.yaml',
      changed.replace('a new password }', 'a new password, state: blocked }'),
    );
    await expect.poll(() => statuses(phone, 'a new password'), refused).toEqual([403, 403]);
    expect(await statuses(other, other.password)).toEqual([200, 200]);
    await folder.write('subscribers.yaml', formatSubscribers(phones));
    await expect.poll(() => statuses(phone, password), refused).toEqual([200, 200]);
  });

  it('A25: nonce secrets are rotated while phones register: nobody is refused', async () => {
    const stop = new AbortController();
    const answers = new Map<number, number>();
    const turns = phones.map(async (phone, index) => {
      await using agent = new SipAgent({ transport: 'udp', server: edges[index % 2] ?? cluster.sip });
      while (!stop.signal.aborted) {
        const { aor, password, contact } = phone;
        const { status } = await agent.register({ aor, password, contact: `<${contact}>`, expires: 600 });
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    });
    const put = async (secrets: string) => {
      const told = log.next((line) => line.includes('nonce secrets read again'), 'the new secrets', noticeMs);
      await folder.write('nonce-secrets', secrets);
      await told;
    };
    await put(`${old} ${young}`);
    const during = [...answers.values()].reduce((sum, each) => sum + each, 0);
    await put(`${young} ${old}`);
    // What edges and registrars had in stock is of the old secret, and stays good.
    await expect
      .poll(() => [...answers.values()].reduce((sum, each) => sum + each, 0), { timeout: noticeMs })
      .toBeGreaterThan(during + 200);
    stop.abort();
    await Promise.all(turns);
    expect([...answers.keys()]).toEqual([200]);
  });
});
