/**
 * `npm run bench:expiry`: many bindings expire within one second, as after an edge has died, while others are refreshed.
 * How long after its expiry is each announced, as a watch sees it, and how many a second is that?
 *
 *   --aors N        so many expire; default 100000
 *   --load N        refreshes of other AORs under way at once all the while; default 64, 0 for none
 *   --locations N   so many location processes; default 1
 *   --store memory  in location's own memory, not in Redis
 *   --json          the figures as JSON
 */
import { setTimeout as wait } from 'node:timers/promises';
import { connectToRollcall } from '@rollcall/client';
import { findFreePort, Program, readScriptOptions, startRedis, wholeOption } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { domain } from './fleet.ts';
import { fillTable, startRefreshes } from './grpc-load.ts';
import { readCpuUs } from './process-usage.ts';

/** AORs registered a second, at least: a slower machine gets no figures. */
const slowestFillPerSec = 2000;
/** Refreshes alone, before anything expires: what they are compared with. */
const quietMs = 5000;
/** Nothing has been announced for so long: it does not come any more. */
const silenceMs = 30_000;

const values = readScriptOptions({
  options: {
    aors: { type: 'string', default: '100000' },
    load: { type: 'string', default: '64' },
    locations: { type: 'string', default: '1' },
    store: { type: 'string', default: 'redis' },
    json: { type: 'boolean', default: false },
  },
});
const aors = wholeOption('aors', values.aors, 1);
const load = wholeOption('load', values.load, 0);
const processes = wholeOption('locations', values.locations, 1);

const redis = values.store === 'memory' ? undefined : await startRedis({ own: true });
const locations = await Promise.all(
  Array.from({ length: redis === undefined ? 1 : processes }, async () => {
    const [grpc, http] = [`127.0.0.1:${await findFreePort()}`, `127.0.0.1:${await findFreePort()}`];
    const env = {
      LOCATION_GRPC_LISTEN: grpc,
      HTTP_LISTEN: http,
      LOCATION_STORE: redis?.url ?? `memory:?max-aors=${aors + 100_000}`,
      LOG_FORMAT: 'json',
    };
    return { grpc, http, program: new Program({ name: 'location', http, env }) };
  }),
);
const target = { locationApi: locations[0]?.grpc ?? '' };
const redisItself = redis === undefined ? undefined : new Redis(redis.url);
const rollcall = connectToRollcall(`dns:///${target.locationApi}`, { timeoutMs: 30_000 });
try {
  for (const { program } of locations) await program.start();
  const watching = watchExpiries();
  const dueAtMs = Date.now() + Math.max(10_000, (aors / slowestFillPerSec) * 1000) + quietMs;
  console.error(`${aors} AORs are registered …`);
  await fillTable(target, 0, aors, () => Math.ceil((dueAtMs - Date.now()) / 1000));
  if (Date.now() > dueAtMs - quietMs) throw new Error('the machine was too slow: fewer AORs, please');
  console.error(`they expire in ${Math.round((dueAtMs - Date.now()) / 1000)} s …`);
  await wait(dueAtMs - quietMs - Date.now());
  const refreshes = startRefreshes(target.locationApi, load);
  await wait(quietMs);
  const [cpuBeforeUs, redisBeforeUs] = [cpuUs(), await redisCpuUs()];
  const seen = await watching;
  const cpu = { location: cpuUs() - cpuBeforeUs, redis: (await redisCpuUs()) - redisBeforeUs };
  await report(seen, await refreshes.stop(), dueAtMs, cpu);
} finally {
  rollcall.close();
  redisItself?.disconnect();
  for (const { program } of locations) await program.stop();
  await redis?.stop();
}

function cpuUs(): number {
  const pids = locations.map(({ program }) => program.pid ?? 0);
  return pids.reduce((sum, pid) => sum + readCpuUs(pid), 0);
}

async function redisCpuUs(): Promise<number> {
  const info = (await redisItself?.info('cpu')) ?? '';
  const used = (kind: string) => Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return (used('user') + used('sys')) * 1e6;
}

/** What a watch of the domain is told: each AOR once. */
async function watchExpiries() {
  const lateMs: number[] = [];
  const seen = new Set<string>();
  const ending = new AbortController();
  let silence: NodeJS.Timeout | undefined;
  let resets = 0;
  for await (const event of rollcall.watch({ domain }, { signal: ending.signal })) {
    if (event.type === 'reset') resets += 1;
    if (event.type !== 'expired') continue;
    if (seen.has(event.aor)) throw new Error(`${event.aor} expired twice`);
    seen.add(event.aor);
    const expiredAtMs = event.binding?.expireTime?.getTime();
    if (expiredAtMs !== undefined) lateMs.push(Date.now() - expiredAtMs);
    clearTimeout(silence);
    silence = setTimeout(() => ending.abort(), silenceMs);
    if (seen.size === aors) break;
  }
  clearTimeout(silence);
  return { lateMs, resets, announced: seen.size, lastAtMs: Date.now() };
}

async function report(
  seen: Awaited<ReturnType<typeof watchExpiries>>,
  took: Awaited<ReturnType<ReturnType<typeof startRefreshes>['stop']>>,
  dueAtMs: number,
  cpuUsed: { readonly location: number; readonly redis: number },
): Promise<void> {
  const { before = [], during = [] } = Object.groupBy(took, ({ atMs }) =>
    atMs < dueAtMs ? 'before' : 'during',
  );
  const seconds = (seen.lastAtMs - dueAtMs) / 1000;
  const figures = {
    aors,
    announced: seen.announced,
    withoutBinding: seen.announced - seen.lateMs.length,
    watchResets: seen.resets,
    seconds,
    perSec: Math.round(seen.announced / seconds),
    // The refreshes meanwhile are in it.
    cpuUsEach: {
      location: Math.round(cpuUsed.location / seen.announced),
      redis: Math.round(cpuUsed.redis / seen.announced),
    },
    lateMs: quantiles(seen.lateMs),
    refreshMsBefore: quantiles(before.map(({ ms }) => ms)),
    refreshMsDuring: quantiles(during.map(({ ms }) => ms)),
    refreshesPerSec: [before.length / (quietMs / 1000), during.length / seconds].map(Math.round),
    announcedWithinSec: await readLags(),
  };
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else
    for (const [name, figure] of Object.entries(figures))
      console.log(name.padEnd(22), JSON.stringify(figure));
}

function quantiles(sample: readonly number[]) {
  const sorted = sample.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** What location itself says of how late it was: so many within each bound in seconds. */
async function readLags(): Promise<Record<string, number>> {
  const within: Record<string, number> = {};
  for (const { http } of locations) {
    const text = await (await fetch(`http://${http}/metrics`)).text();
    for (const [, bound = '', count] of text.matchAll(
      /^rollcall_expiry_lag_seconds_bucket\{.*?le="([^"]+)".*?\} (\d+)/gm,
    ))
      within[bound] = (within[bound] ?? 0) + Number(count);
  }
  return within;
}
