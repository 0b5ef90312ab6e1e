import {
  type RunningRedis,
  type ServicesCluster,
  SipAgent,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToLocation } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** The shortest that auth takes: the test sees the replay state expire. */
const nonceLifetimeSec = 10;

const [phone] = makePhones('ttl', 1);
let folder: ScratchFolder;
let server: RunningRedis;
let redis: Redis;
let cluster: ServicesCluster;

beforeAll(async () => {
  folder = await makeScratchFolder();
  server = await startRedis();
  redis = new Redis(server.url);
  cluster = await startServices({
    redisUrl: server.url,
    env: {
      AUTH_SUBSCRIBERS: `file:${await folder.write('subscribers.yaml', formatSubscribers(phone ? [phone] : []))}`,
      AUTH_NONCE_LIFETIME: String(nonceLifetimeSec),
      REGISTRAR_EXPIRES_JITTER: '0',
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  redis?.disconnect();
  await server?.stop();
  await folder?.remove();
});

it('keeps an AOR in one key that lives as long as its binding, then only replay state, then nothing', async () => {
  const { user = '', password = '', aor = '' } = phone ?? {};
  const keysOfAor = async () => (await redis.keys('*')).filter((key) => key.includes(user));
  await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
  const location = await connectToLocation(cluster.locationApi);
  try {
    expect(await keysOfAor()).toEqual([]);
    expect((await agent.register({ aor, password, expires: 600 })).status).toBe(200);

    const [key = '', ...others] = await keysOfAor();
    expect(others).toEqual([]);
    const [binding] = await location.bindings(aor);
    const remainingSec = (binding?.remaining?.seconds ?? 0) + (binding?.remaining?.nanos ?? 0) / 1e9;
    expect(remainingSec).toBeGreaterThan(590);
    expect(Math.abs((await redis.pttl(key)) / 1000 - remainingSec)).toBeLessThanOrEqual(1);

    expect((await agent.register({ aor, password, expires: 0 })).status).toBe(200);
    expect(await location.bindings(aor)).toEqual([]);
    const left = await keysOfAor();
    expect(left).toEqual([key]);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    expect(await redis.pttl(key)).toBeLessThanOrEqual((nonceLifetimeSec + 1) * 1000);

    await expect.poll(keysOfAor, { interval: 200, timeout: (nonceLifetimeSec + 5) * 1000 }).toEqual([]);
    // What is kept for each shard, and not for an AOR, names it no longer where it would be acted upon.
    for (const index of (await redis.keys('*')).filter((each) => each.endsWith(':exp'))) {
      expect(await redis.zscore(index, aor)).toBeNull();
    }
  } finally {
    location.close();
  }
});
