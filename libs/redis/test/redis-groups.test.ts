import { once } from 'node:events';
import { type RedisGroup, startRedisCluster, startRedisSentinel } from '@rollcall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CertificateFiles, openStore } from './guarded-redis.ts';

// Sentinels and clusters that take TLS only, ask for certificates, and for passwords.

const password = 'of the servers';
const sentinelPassword = 'of the sentinels';
let certificates: CertificateFiles;

beforeAll(async () => {
  certificates = await CertificateFiles.create();
});

afterAll(() => certificates.remove());

async function answerOf(group: RedisGroup, env: Record<string, string>): Promise<string> {
  const client = openStore({ STORE: `${group.url}?tls=true`, ...certificates.env, ...env });
  try {
    const failed = once(client, 'error').then(([error]) => String(error));
    const answered = once(client, 'ready').then(() => client.set('a key', 'a value'));
    return String(await Promise.race([failed, answered]));
  } finally {
    client.disconnect();
  }
}

it('sentinels with TLS and a password of their own lead to the master, which has another one', async () => {
  const group = await startRedisSentinel({ password, sentinelPassword, tls: certificates.files });
  try {
    const env = { STORE_PASSWORD: password, STORE_SENTINEL_PASSWORD: sentinelPassword };
    expect(await answerOf(group, env)).toBe('OK');
    expect(await answerOf(group, { ...env, STORE_SENTINEL_PASSWORD: 'wrong' })).toContain('sentinels');
    expect(await answerOf(group, { ...env, STORE_SERVER_NAME: 'redis.test' })).toBe('OK');
  } finally {
    await group.stop();
  }
});

it('all nodes of a cluster are asked with TLS and the password', async () => {
  const group = await startRedisCluster({ password, tls: certificates.files });
  try {
    const env = { STORE_PASSWORD: password };
    expect(await answerOf(group, { ...env, STORE_SERVER_NAME: 'redis.test' })).toBe('OK');
    expect(await answerOf(group, { ...env, STORE_SERVER_NAME: 'other.test' })).not.toBe('OK');
  } finally {
    await group.stop();
  }
});
