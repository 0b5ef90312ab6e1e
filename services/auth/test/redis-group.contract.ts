import { systemClock } from '@rollcall/runtime';
import { type RedisGroup, startRedisCluster, startRedisSentinel } from '@rollcall/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisAuthStore } from '../src/store/redis-auth-store.ts';
import { describeAuthStore } from './auth-store.contract.ts';
import { makeRedisStore } from './support.ts';

// What a store promises holds for every way to run Redis: `npm run test:stores`.

const starters: Readonly<Record<string, () => Promise<RedisGroup>>> = {
  'Redis with Sentinel': startRedisSentinel,
  'Redis Cluster, 3 + 3': startRedisCluster,
};

for (const [name, start] of Object.entries(starters)) {
  describe(name, () => {
    let group: RedisGroup;
    let tests = 0;
    const opened: RedisAuthStore[] = [];

    /** Each test has keys of its own: `other` is another replica of the same test. */
    async function open(): Promise<RedisAuthStore> {
      const store = makeRedisStore(group.url, { AUTH_STORE_KEY_PREFIX: `test-${tests}:` });
      opened.push(store);
      await expect.poll(() => store.check(), { timeout: 10_000 }).toBeUndefined();
      return store;
    }

    beforeAll(async () => {
      group = await start();
    });
    beforeEach(() => {
      tests += 1;
    });
    afterAll(async () => {
      for (const store of opened) await store.close();
      await group.stop();
    });

    describeAuthStore(name, async () => ({
      one: await open(),
      other: await open(),
      nowMs: systemClock.nowMs(),
    }));

    it('A27: a lock-out is heard by the other replicas, also by one that starts later', async () => {
      const nowMs = systemClock.nowMs();
      const failure = { realm: 'example.com', username: 'alice', source: '198.51.100.7' };
      const [one, other] = [await open(), await open()];
      const heard = new Promise((resolve) => other.onLockout(resolve));
      await one.countFailure(failure, { perUser: 1, perSource: 10, windowMs: 60_000 }, nowMs);
      expect(await heard).toEqual({ ...failure, untilMs: nowMs + 60_000 });
      const late = makeRedisStore(group.url, { AUTH_STORE_KEY_PREFIX: `test-${tests}:` });
      opened.push(late);
      expect(await new Promise((resolve) => late.onLockout(resolve))).toEqual({
        ...failure,
        untilMs: nowMs + 60_000,
      });
    });
  });
}
