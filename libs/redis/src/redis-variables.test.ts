import { ConfigError, readConfig, textAs } from '@rollcall/runtime';
import { expect, it } from 'vitest';
import { parseRedisTarget, redisTargetForms } from './redis-target.ts';
import { checkRedis, redisVariables } from './redis-variables.ts';

const table = {
  store: { name: 'STORE', meaning: '', schema: textAs(redisTargetForms, parseRedisTarget), secret: true },
  ...redisVariables('STORE', { connectMs: 800, commandMs: 300 }),
};

function read(env: Record<string, string>) {
  return readConfig(table, { STORE: 'redis://h', ...env }, ({ store, ...settings }) =>
    checkRedis('STORE', store, settings),
  );
}

function refusalOf(env: Record<string, string>): string {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing';
}

it('needs nothing but the address', () => {
  expect(read({})).toMatchObject({
    storePassword: '',
    storeConnectTimeoutMs: 800,
    storeCommandTimeoutMs: 300,
    storeKeyPrefix: '',
  });
});

it.each([
  [{ STORE: 'redis://:a@h', STORE_PASSWORD: 'b' }, 'STORE_PASSWORD is set, and STORE holds a password too'],
  [{ STORE: 'redis://u@h' }, 'STORE names a user without a password'],
  [{ STORE_SENTINEL_PASSWORD: 'b' }, 'STORE names no sentinels'],
  [
    { STORE: 'redis+sentinel://s/m?sentinel-password=a', STORE_SENTINEL_PASSWORD: 'b' },
    'STORE_SENTINEL_PASSWORD is set, and STORE holds one too',
  ],
  [{ STORE_CA_FILE: '/ca.crt' }, 'STORE_CA_FILE is of no use without TLS'],
  [{ STORE_SERVER_NAME: 'redis.test' }, 'STORE_SERVER_NAME is of no use without TLS'],
  [{ STORE: 'rediss://h', STORE_CERT_FILE: '/tls.crt' }, 'STORE_KEY_FILE is needed with STORE_CERT_FILE'],
  [{ STORE: 'rediss://h', STORE_KEY_FILE: '/tls.key' }, 'STORE_CERT_FILE is needed with STORE_KEY_FILE'],
  [{ STORE: 'rediss://h', STORE_CA_FILE: '/not/there' }, 'must name a readable file (ENOENT)'],
  [{ STORE: 'rediss://h', STORE_CA_FILE: '/etc/hostname' }, 'cannot be used: there is no certificate in PEM'],
  [{ STORE_KEY_PREFIX: 'a{b}:' }, 'STORE_KEY_PREFIX'],
  [{ STORE_SERVER_NAME: 'redis://h' }, 'STORE_SERVER_NAME'],
  [{ STORE_COMMAND_TIMEOUT_MS: '10' }, 'STORE_COMMAND_TIMEOUT_MS'],
])('refuses %j', (env, says) => {
  const refusal = refusalOf(env);
  expect(refusal).toContain(says);
  expect(refusal).not.toContain(':a@');
});

it('takes a user whose password is told apart', () => {
  expect(read({ STORE: 'redis://u@h', STORE_PASSWORD: 'b' }).store.username).toBe('u');
});
