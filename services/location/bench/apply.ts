/**
 * What one registration costs in location, and in Redis: `npm run bench -w services/location`.
 * Prints CPU of this process per refresh, refreshes per second, and bytes of Redis per binding, everything included.
 */
import { createLogger, Metrics, systemClock } from '@rollcall/runtime';
import { startRedis } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { readLocationConfig } from '../src/config.ts';
import { composeLocation } from '../src/index.ts';

const users = Number(process.argv[2] ?? 20_000);
const rounds = Number(process.argv[3] ?? 5);
const sideBySide = 64;

async function measure(name: string, url: string): Promise<void> {
  const location = composeLocation({
    config: {
      ...readLocationConfig({ LOCATION_STORE: url }),
      cacheSize: 1_000_000,
    },
    clock: systemClock,
    logger: createLogger({ service: 'bench', level: 'silent', format: 'json' }),
    metrics: new Metrics(),
  });
  const context = { timeoutMs: 5000, traceparent: '' };
  const startMs = Date.now();
  const request = (user: number, round: number) => ({
    aor: `sip:user${100_000 + user}@example.com`,
    callId: `${user}-7f3a9c5e2b@192.0.2.${user % 250}`,
    cseq: round + 2,
    branch: `z9hG4bK-524287-${user}-${round}`,
    updates: [
      {
        uri: `sip:user${100_000 + user}@192.0.2.${user % 250}:5060;transport=udp`,
        params: '',
        expiresSec: 3600,
        instanceId: '',
        regId: 0,
      },
    ],
    removeAll: false,
    path: [],
    flow: {
      edge: 'edge-0',
      token: 'u1a2b3c4d5e6f',
      transport: 1 as const,
      localAddress: '192.0.2.1:5060',
      remoteAddress: `192.0.2.${user % 250}:5060`,
    },
    userAgent: 'Yealink SIP-T46U 108.86.0.45',
    maxBindings: 10,
    refused: false,
    replaceOldest: false,
    gruu: false,
    push: false,
    nonce: {
      nonce: String(user).padStart(40, 'MTcwMDAwMDAwMHNvbWUtcmFuZG9t'),
      nc: round + 1,
      issuedAtMs: startMs,
      expiresAtMs: startMs + 300_000,
    },
  });
  for (let round = 0; round < rounds; round += 1) {
    const cpu = process.cpuUsage();
    const beganAt = process.hrtime.bigint();
    let user = 0;
    await Promise.all(
      Array.from({ length: sideBySide }, async () => {
        while (user < users) {
          const mine = user;
          user += 1;
          await location.calls.apply(request(mine, round), context);
        }
      }),
    );
    const { user: userUs, system } = process.cpuUsage(cpu);
    const seconds = Number(process.hrtime.bigint() - beganAt) / 1e9;
    const what = round === 0 ? 'first registration' : 'refresh';
    console.log(
      `${name}: ${what}: ${((userUs + system) / users).toFixed(1)} us CPU, ${Math.round(users / seconds)}/s`,
    );
  }
  await location.close();
}

await measure('memory', 'memory:');
const redis = await startRedis({ own: true });
const client = new Redis(redis.url);
const memory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
const cpu = async () => {
  const info = await client.info('cpu');
  return Number(/used_cpu_user:([\d.]+)/.exec(info)?.[1]) + Number(/used_cpu_sys:([\d.]+)/.exec(info)?.[1]);
};
const before = await memory();
const cpuBefore = await cpu();
await measure('Redis', redis.url);
console.log(
  `Redis server: ${((((await cpu()) - cpuBefore) / users / rounds) * 1e6).toFixed(1)} us CPU a command`,
);
const withLog = await memory();
for (let shard = 0; shard < 64; shard += 1) await client.del(`rc:{${shard}}:chg`);
const after = await memory();
console.log(
  `Redis: ${((after - before) / users).toFixed(0)} bytes a binding; the log of changes ${((withLog - after) / 1e6).toFixed(1)} MB (bounded)`,
);
client.disconnect();
await redis.stop();
