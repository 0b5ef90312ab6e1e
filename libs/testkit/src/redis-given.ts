import { Redis } from 'ioredis';
import type { RunningRedis } from './running-redis.ts';

/** Marks a database as in use by one test file; lapses by itself should the test die. */
const claimKey = 'rollcall-test-claim';
const claimSec = 900;
const databases = 16;

/**
 * Takes a database of somebody's Redis that is empty, and leaves it empty: no data that was there before is read or
 * changed.
 *
 * @throws Error where no database is empty
 */
export async function claimDatabase(given: string): Promise<RunningRedis> {
  for (let index = databases - 1; index >= 0; index -= 1) {
    const url = new URL(given);
    url.pathname = `/${index}`;
    const redis = new Redis(url.href, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      retryStrategy: () => null,
    });
    try {
      await redis.connect();
      if ((await redis.dbsize()) > 0) continue;
      const claimed = await redis.set(claimKey, process.pid, 'EX', claimSec, 'NX');
      // Between the two commands somebody else may have come.
      if (claimed !== 'OK' || (await redis.dbsize()) !== 1) continue;
      return borrowed(url.href, index);
    } finally {
      redis.disconnect();
    }
  }
  throw new Error('REDIS_URL: none of its databases 0 to 15 is empty, and tests touch no other');
}

function borrowed(url: string, index: number): RunningRedis {
  const refuse = () =>
    Promise.reject(new Error('the server of REDIS_URL is not ours to kill; ask for own: true'));
  return {
    url,
    peer: { host: new URL(url).hostname, port: Number(new URL(url).port || 6379) },
    how: `REDIS_URL, its empty database ${index}`,
    stop: async () => {
      const redis = new Redis(url);
      await redis.flushdb();
      await redis.quit();
    },
    kill: refuse,
    restart: refuse,
  };
}
