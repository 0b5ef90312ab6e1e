import { systemClock } from '@rollcall/runtime';
import { type RunningRedis, startRedis } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisAuthStore } from '../src/store/redis-auth-store.ts';
import { describeAuthStore } from './auth-store.contract.ts';
import { makeRedisStore } from './support.ts';

let server: RunningRedis;
let redis: Redis;
const opened: RedisAuthStore[] = [];

async function openStore(): Promise<RedisAuthStore> {
  const store = makeRedisStore(server.url);
  opened.push(store);
  await expect.poll(() => store.check()).toBeUndefined();
  return store;
}

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
});

beforeEach(async () => {
  await redis.flushall();
});

afterAll(async () => {
  for (const store of opened) await store.close();
  redis.disconnect();
  await server.stop();
});

describeAuthStore('redis', async () => ({
  one: await openStore(),
  other: await openStore(),
  nowMs: systemClock.nowMs(),
}));

describe('the Redis store', () => {
  const limits = { perUser: 1, perSource: 10, windowMs: 60_000 };
  const failure = { realm: 'example.com', username: 'зоя', source: '198.51.100.1' };

  it('leaves nothing behind for good: every key expires', async () => {
    const store = await openStore();
    const nowMs = systemClock.nowMs();
    const use = { nonce: 'n', nc: 1, requestKey: 'r', issuedAtMs: nowMs, expiresAtMs: nowMs + 30_000 };
    await store.useNonce(use, nowMs);
    await store.countFailure(failure, limits, nowMs);
    const keys = await redis.keys('*');
    expect(keys.sort()).toHaveLength(3);
    for (const key of keys) {
      const leftMs = await redis.pttl(key);
      expect(leftMs, key).toBeGreaterThan(0);
      expect(leftMs, key).toBeLessThanOrEqual(60_000);
    }
  });

  it('A27: tells a replica that starts later of the lock-outs in force', async () => {
    const nowMs = systemClock.nowMs();
    const one = await openStore();
    await one.countFailure(failure, limits, nowMs);
    const late = makeRedisStore(server.url);
    opened.push(late);
    const told = new Promise((resolve) => late.onLockout(resolve));
    expect(await told).toEqual({ ...failure, untilMs: nowMs + 60_000 });
  });

  it('fails fast while Redis does not answer, and works again afterwards', async () => {
    const store = await openStore();
    const nowMs = systemClock.nowMs();
    const use = { nonce: 'n', nc: 1, requestKey: 'r', issuedAtMs: nowMs, expiresAtMs: nowMs + 30_000 };
    await server.kill();
    await expect.poll(() => store.check()).toBeDefined();
    const startedAtMs = performance.now();
    await expect(store.useNonce(use, nowMs)).rejects.toMatchObject({ reason: 'AUTH_STORE_UNAVAILABLE' });
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    await server.restart();
    await expect.poll(() => store.check(), { timeout: 10_000 }).toBeUndefined();
    expect(await store.useNonce(use, nowMs)).toBe(true);
  });

  it('fails in time where Redis hangs', async () => {
    const store = await openStore();
    const nowMs = systemClock.nowMs();
    const use = { nonce: 'n2', nc: 1, requestKey: 'r', issuedAtMs: nowMs, expiresAtMs: nowMs + 30_000 };
    await redis.client('PAUSE', 1000, 'ALL');
    await expect(store.useNonce(use, nowMs)).rejects.toMatchObject({ reason: 'AUTH_STORE_UNAVAILABLE' });
  });
});
