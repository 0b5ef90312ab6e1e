import { connectToRollcall, type RollcallClient, type WatchedEvent } from '@rollcall/client';
import {
  type RunningRedis,
  type ServicesCluster,
  SipAgent,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { domain, formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** The long form: WATCH_AORS=1000 WATCH_KILLS=10 npx vitest run --project e2e watch */
const aors = Number(process.env.WATCH_AORS ?? 100);
const kills = Number(process.env.WATCH_KILLS ?? 3);
const agents = 8;
const shards = 64;
const timeoutMs = 60_000 + kills * 20_000;

const phones = makePhones('watched', aors);
let folder: ScratchFolder;
let server: RunningRedis;
let redis: Redis;
let cluster: ServicesCluster;
let rollcall: RollcallClient;

beforeAll(async () => {
  folder = await makeScratchFolder();
  server = await startRedis();
  redis = new Redis(server.url);
  cluster = await startServices({
    redisUrl: server.url,
    env: {
      AUTH_SUBSCRIBERS: `file:${await folder.write('subscribers.yaml', formatSubscribers(phones))}`,
      REGISTRAR_EXPIRES_JITTER: '0',
      AUTH_NONCE_SECRETS: 'sixteen-characters-or-more',
    },
  });
  rollcall = connectToRollcall(`dns:///${cluster.locationApi}`);
});

afterAll(async () => {
  rollcall?.close();
  await cluster?.stop();
  redis?.disconnect();
  await server?.stop();
  await folder?.remove();
});

/** One change, as the log and a watch both say it. */
interface Change {
  readonly type: string;
  readonly revision: number;
}

it(
  `a watch of ${aors} AORs survives ${kills} kills of location: nothing lost, nothing reordered`,
  async () => {
    const named = follow({ aors: phones.map(({ aor }) => aor) });
    const whole = follow({ domain });
    await Promise.all([named.complete, whole.complete]);

    const stop = new AbortController();
    const turns = Array.from({ length: agents }, (_, index) => registerInTurn(index, stop.signal));
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(700);
      await cluster.program('location').kill('SIGKILL');
      await cluster.program('location').start();
    }
    await pause(1000);
    stop.abort();
    const answered = (await Promise.all(turns)).reduce((sum, each) => sum + each, 0);

    const logged = await readLogs();
    const isBound = ({ type }: Change) => type === 'created' || type === 'refreshed';
    const bound = [...logged.values()].flat().filter(isBound).length;
    // Somebody got through between the kills, and all that was acknowledged is in the log.
    expect(answered).toBeGreaterThan(kills * 10);
    expect(bound).toBeGreaterThanOrEqual(answered);
    for (const watch of [named, whole]) {
      await expect
        .poll(() => lastOf(watch.byAor), { timeout: 20_000, interval: 200 })
        .toEqual(lastOf(logged));
      watch.stop();
      await watch.done;
      expect(watch.resets).toBe(0);
      for (const { aor } of phones) {
        expect(withoutLostRefreshes(watch.byAor.get(aor) ?? [], logged.get(aor) ?? []), aor).toEqual(
          withoutLostRefreshes(logged.get(aor) ?? [], logged.get(aor) ?? []),
        );
      }
    }
  },
  timeoutMs,
);

/** Watches, and keeps the changes of each AOR as they come. */
function follow(scope: Parameters<RollcallClient['watch']>[0]) {
  const byAor = new Map<string, Change[]>();
  const stopping = new AbortController();
  let onComplete = (): void => undefined;
  const complete = new Promise<void>((resolve) => {
    onComplete = resolve;
  });
  const result = { byAor, complete, resets: 0, stop: () => stopping.abort(), done: Promise.resolve() };
  const take = (event: WatchedEvent) => {
    if (event.type === 'reset') result.resets += 1;
    else if (event.type === 'complete') onComplete();
    else if (event.type !== 'snapshot') add(byAor, event.aor, event);
  };
  result.done = (async () => {
    for await (const event of rollcall.watch(scope, { signal: stopping.signal })) take(event);
  })();
  return result;
}

/** Phones register, refresh and leave, one after the other; returns how many times they were acknowledged as bound. */
async function registerInTurn(index: number, signal: AbortSignal): Promise<number> {
  await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
  const own = phones.filter((_, at) => at % agents === index);
  let answered = 0;
  for (let round = 0; !signal.aborted; round += 1) {
    for (const phone of own) {
      if (signal.aborted) break;
      const expires = round % 3 === 2 ? 0 : 600;
      const isAnswered = await registerOnce(agent, phone, expires);
      // A removal of what is not bound changes nothing.
      if (isAnswered && expires > 0) answered += 1;
    }
  }
  return answered;
}

async function registerOnce(agent: SipAgent, phone: Phone, expires: number): Promise<boolean> {
  const { aor, password, contact, user } = phone;
  // While location is away there is a 503, or nothing within this time.
  const answer = await agent
    .register({ aor, password, contact: `<${contact}>`, expires, callId: `${user}@watch`, timeoutMs: 1500 })
    .catch(() => undefined);
  return answer?.status === 200;
}

/** What Redis has logged for each AOR. */
async function readLogs(): Promise<Map<string, Change[]>> {
  const logged = new Map<string, Change[]>();
  for (let shard = 0; shard < shards; shard += 1) {
    for (const [id, fields] of await redis.xrange(`rc:{${shard}}:chg`, '-', '+')) {
      const [ms = '', seq = ''] = id.split('-');
      const [, aor = '', , type = ''] = fields;
      add(logged, aor, { type, revision: Number(ms) * 2048 + Number(seq) });
    }
  }
  return logged;
}

function add(byAor: Map<string, Change[]>, aor: string, { type, revision }: Change): void {
  const changes = byAor.get(aor) ?? [];
  changes.push({ type, revision });
  byAor.set(aor, changes);
}

function lastOf(byAor: ReadonlyMap<string, readonly Change[]>): Record<string, number> {
  return Object.fromEntries(
    [...byAor]
      .filter(([aor]) => aor.startsWith('sip:watched'))
      .map(([aor, changes]) => [aor, changes.at(-1)?.revision ?? 0] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Without refreshes whose binding was removed by the very next change: there may be nothing left to tell of them. */
function withoutLostRefreshes(changes: readonly Change[], logged: readonly Change[]): readonly Change[] {
  const lost = new Set<number>();
  for (const [index, { type, revision }] of logged.entries()) {
    if (type !== 'refreshed') continue;
    const next = logged.slice(index + 1).find((each) => each.type !== 'refreshed');
    if (next !== undefined) lost.add(revision);
  }
  return changes.filter(({ revision }) => !lost.has(revision));
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
