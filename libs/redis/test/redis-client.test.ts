import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Metrics } from '@rollcall/runtime';
import { type RunningRedis, startGuardedRedis } from '@rollcall/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisClient } from '../src/index.ts';
import { CertificateFiles, openStore } from './guarded-redis.ts';

// A redis-server that takes TLS only, asks for a certificate (--tls-auth-clients yes), and for a password.

const password = 'open sesame';
let ours: CertificateFiles;
let others: CertificateFiles;
let server: RunningRedis;
const clients: RedisClient[] = [];

function open(env: Record<string, string>): RedisClient {
  const client = openStore({ STORE: server.url, ...env });
  clients.push(client);
  return client;
}

/** The first thing that goes wrong. */
async function failureOf(env: Record<string, string>): Promise<string> {
  const client = open(env);
  const failed = once(client, 'error').then(([error]) => String(error));
  const connected = once(client, 'ready').then(() => 'connected');
  return Promise.race([failed, connected]);
}

beforeAll(async () => {
  ours = await CertificateFiles.create();
  others = await CertificateFiles.create();
  server = await startGuardedRedis({ password, tls: ours.files });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

afterAll(async () => {
  await server?.stop();
  await ours?.remove();
  await others?.remove();
});

describe('Redis with TLS, certificates of clients and a password', () => {
  it('takes who shows a certificate and the password of a file', async () => {
    const file = join(ours.files.ca, '..', 'password');
    await writeFile(file, `${password}\n`);
    const client = open({ ...ours.env, STORE_PASSWORD_FILE: file });
    await once(client, 'ready');
    expect(await client.ping()).toBe('PONG');
  });

  it('takes the password of the address as well', async () => {
    const STORE = server.url.replace('//', `//:${encodeURIComponent(password)}@`);
    const client = open({ ...ours.env, STORE });
    await once(client, 'ready');
    expect(await client.ping()).toBe('PONG');
  });

  it('a wrong password is told', async () => {
    expect(await failureOf({ ...ours.env, STORE_PASSWORD: 'open barley' })).toContain('WRONGPASS');
  });

  it('without a certificate there is no connection', async () => {
    const failure = await failureOf({ STORE_CA_FILE: ours.files.ca, STORE_PASSWORD: password });
    expect(failure).toMatch(/certificate required|handshake|closed|reset/i);
  });

  it('a server whose authority is not ours is refused', async () => {
    const failure = await failureOf({
      ...ours.env,
      STORE_CA_FILE: others.files.ca,
      STORE_PASSWORD: password,
    });
    expect(failure).toMatch(/self.signed|unable to verify|signature failure/i);
  });

  it('without an authority of ours the system decides, and refuses', async () => {
    const { STORE_CERT_FILE, STORE_KEY_FILE } = ours.env as Record<
      'STORE_CERT_FILE' | 'STORE_KEY_FILE',
      string
    >;
    const failure = await failureOf({ STORE_CERT_FILE, STORE_KEY_FILE, STORE_PASSWORD: password });
    expect(failure).toMatch(/self.signed|unable to (verify|get)/i);
  });

  it('the certificate must name the server name that is asked for', async () => {
    const env = { ...ours.env, STORE_PASSWORD: password };
    expect(await failureOf({ ...env, STORE_SERVER_NAME: 'redis.test' })).toBe('connected');
    expect(await failureOf({ ...env, STORE_SERVER_NAME: 'other.test' })).toContain('altnames');
  });

  it('shows when its own certificate ends, also of one that no connection has used yet', async () => {
    const metrics = new Metrics();
    clients.push(openStore({ STORE: server.url, ...others.env, STORE_CA_FILE: ours.files.ca }, metrics));
    const endsAtSec = 2_000_000_000;
    await others.renew(new Date(endsAtSec * 1000));
    expect((await metrics.render()).body).toContain(
      `rollcall_tls_certificate_not_after_timestamp_seconds{usage="redis"} ${endsAtSec}`,
    );
  });

  it('new certificates are used by the next connection; unusable ones leave those before', async () => {
    const client = open({ ...ours.env, STORE_PASSWORD: password });
    await once(client, 'ready');
    await ours.renew();
    await server.restart();
    await once(client, 'ready');
    expect(await client.ping()).toBe('PONG');
    await writeFile(ours.files.cert, 'half a certifi');
    client.disconnect(true);
    await once(client, 'ready');
    expect(await client.ping()).toBe('PONG');
    await ours.renew();
    await server.restart();
    await once(client, 'ready');
  });
});
