/**
 * `npm run bench:list`: a table of a million AORs in Redis, listed whole and watched from its start, and how much memory
 * that takes in the location process.
 *
 *   --aors N    so many AORs; default 1000000
 *   --heap MB   most that location's JavaScript heap may take; default as Node has it
 *   --json      the figures as JSON
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { connectToRollcall } from '@rollcall/client';
import { findFreePort, Program, readScriptOptions, startRedis, wholeOption } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { domain, userOf } from './fleet.ts';
import { fillTable } from './grpc-load.ts';
import { multiplyRecord } from './multiply-record.ts';

const lookEveryMs = 200;
/** What Redis does in less time holds nobody up. */
const slowMicros = 1000;

const values = readScriptOptions({
  options: {
    aors: { type: 'string', default: '1000000' },
    heap: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const aors = wholeOption('aors', values.aors, 1);

/** What one pass through all registrations took. */
interface Pass {
  readonly what: string;
  readonly registrations: number;
  readonly seconds: number;
  /** Resident memory of location: before, at most and after. */
  readonly megabytes: readonly [before: number, most: number, after: number];
  /** The longest that one command held up Redis, by its own slow log; 0: less than a millisecond. */
  readonly redisHeldMs: number;
}

const redis = await startRedis({ own: true });
const [grpc, http] = [await findFreePort(), await findFreePort()];
const location = new Program({
  name: 'location',
  http: `127.0.0.1:${http}`,
  env: {
    LOCATION_GRPC_LISTEN: `127.0.0.1:${grpc}`,
    HTTP_LISTEN: `127.0.0.1:${http}`,
    LOCATION_STORE: redis.url,
    LOG_FORMAT: 'json',
    ...(values.heap === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${values.heap}` }),
  },
});
const rollcall = connectToRollcall(`dns:///127.0.0.1:${grpc}`, { timeoutMs: 30_000 });
const redisItself = new Redis(redis.url);
const passes: Pass[] = [];
try {
  await location.start();
  await fillTable({ locationApi: `127.0.0.1:${grpc}` }, 0, 1);
  console.error(`a record is copied to ${aors} AORs …`);
  await multiplyRecord(redisItself, aors);
  await checkSome();
  // A process that has done nothing but this: what filling left behind is not to be counted.
  await location.stop();
  await location.start();
  passes.push(await measure('listed, all fields', () => listAll()));
  passes.push(await measure('listed, AORs only', () => listAll(['aor'])));
  passes.push(await measure('watched until complete', watchAll));
} finally {
  rollcall.close();
  redisItself.disconnect();
  await location.stop();
  await redis.stop();
}
if (values.json) console.log(JSON.stringify({ aors, passes }, null, 2));
else {
  const say = (...cells: readonly string[]) =>
    console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(24) : cell.padStart(16))).join(''));
  say(`${aors} AORs`, 'registrations', 'seconds', 'MB before', 'MB at most', 'MB after', 'Redis held, ms');
  for (const { what, registrations, seconds, megabytes, redisHeldMs } of passes) {
    const memory = megabytes.map((each) => each.toFixed(0));
    say(what, String(registrations), seconds.toFixed(1), ...memory, redisHeldMs.toFixed(0));
  }
}

/** A hundred AORs are looked up: a copy must be what location itself would have written. */
async function checkSome(): Promise<void> {
  const users = Array.from({ length: 100 }, (_, turn) => userOf((turn * 7919) % aors));
  const found = await rollcall.lookUpAll(users.map((user) => `sip:${user}@${domain}`));
  for (const [index, one] of found.entries()) {
    const contact = one instanceof Error ? one.message : one.bindings[0]?.contact;
    if (!contact?.startsWith(`sip:${users[index]}@`)) throw new Error(`${users[index]} is at ${contact}`);
  }
}

async function measure(what: string, pass: () => AsyncIterable<string>): Promise<Pass> {
  console.error(`${what} …`);
  const before = residentMegabytes();
  const watching = followMemory();
  await redisItself.config('SET', 'slowlog-log-slower-than', slowMicros);
  await redisItself.slowlog('RESET');
  const startedAtMs = performance.now();
  const seen = new Set<string>();
  for await (const aor of pass()) {
    if (seen.has(aor)) throw new Error(`${aor} came twice`);
    seen.add(aor);
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const most = await watching.stop();
  if (seen.size !== aors) throw new Error(`${what}: ${seen.size} of ${aors} came`);
  return {
    what,
    registrations: seen.size,
    seconds,
    megabytes: [before, most, residentMegabytes()],
    redisHeldMs: await longestCommandMs(),
  };
}

async function longestCommandMs(): Promise<number> {
  const entries = (await redisItself.slowlog('GET', -1)) as [id: number, atSec: number, tookMicros: number][];
  return Math.max(0, ...entries.map(([, , tookMicros]) => tookMicros)) / 1000;
}

async function* listAll(fields?: readonly string[]): AsyncGenerator<string> {
  const options = fields === undefined ? {} : { fields };
  for await (const { aor } of rollcall.list(domain, options)) yield aor;
}

async function* watchAll(): AsyncGenerator<string> {
  for await (const event of rollcall.watch({ domain })) {
    if (event.type === 'complete') return;
    if (event.type === 'snapshot') yield event.aor;
  }
}

function residentMegabytes(): number {
  const status = readFileSync(`/proc/${location.pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** Looks every so often until it is stopped; then says the most it saw. */
function followMemory() {
  let goesOn = true;
  const run = (async () => {
    let most = 0;
    while (goesOn) {
      most = Math.max(most, residentMegabytes());
      await wait(lookEveryMs);
    }
    return most;
  })();
  return {
    stop: () => {
      goesOn = false;
      return run;
    },
  };
}
