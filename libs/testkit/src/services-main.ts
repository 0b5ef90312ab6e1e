/**
 * `npm run services`: the five services as processes on this machine, wired by gRPC, with a real Redis. Variables in the
 * environment win over everything chosen here. Ctrl-C or SIGTERM stops all of it.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@rollcall/runtime';
import { ChangeLines, demoSubscribers, formatBanner } from '@rollcall/standalone';
import { type Ports, type ServicesCluster, startServices } from './cluster.ts';
import { startRedis } from './redis-harness.ts';
import type { RunningRedis } from './running-redis.ts';

const ports: Ports = {
  sip: 5060,
  grpc: { registrar: 50051, auth: 50052, location: 50053, redirect: 50054 },
  http: { edge: 8080, registrar: 8081, auth: 8082, location: 8083, redirect: 8084 },
};

/** Variables that the services read. */
const ours = /^(EDGE|REGISTRAR|AUTH|LOCATION|REDIRECT|LOG|GRPC_TLS|TRACE|DEBUG)_|^HTTP_LISTEN$/;

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

const lines = new ChangeLines({ write: (line) => console.log(line), clock: systemClock });
const given = Object.fromEntries(
  Object.entries(process.env).filter(
    (entry): entry is [string, string] => ours.test(entry[0]) && entry[1] !== undefined,
  ),
);
let redis: RunningRedis | undefined;
let cluster: ServicesCluster | undefined;
let stopping: Promise<void> | undefined;
const givingUp = new AbortController();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping === undefined) console.log('\nstopping …');
    void stop(0);
  });
}

const starting = start();
// `npm run services | head` must not leave five processes behind.
process.stdout.on('error', () => void stop(1));

try {
  await starting;
} catch (error) {
  // What the program itself had to say is shown already.
  if (stopping === undefined) console.error(error instanceof Error ? error.message.split('\n', 1)[0] : error);
  await stop(1);
}

async function start(): Promise<void> {
  if (given.LOCATION_STORE === undefined && given.LOCATION_STORE_FILE === undefined) {
    console.log('starting Redis …');
    redis = await startRedis();
  }
  if (stopping !== undefined) return;
  const redisUrl = given.LOCATION_STORE ?? redis?.url ?? '';
  console.log('starting the five services …');
  cluster = await startServices({
    redisUrl,
    ports,
    env: {
      AUTH_SUBSCRIBERS: demoSubscribers,
      AUTH_NONCE_SECRETS: `${process.pid}-${systemClock.nowMs()}-${Math.random()}`,
      EDGE_FLOW_SECRETS: randomBytes(24).toString('base64url'),
      REGISTRAR_GRUU_SECRETS: randomBytes(24).toString('base64url'),
      LOCATION_LOG_CHANGES: 'true',
      LOG_AOR: 'plain',
      ...given,
    },
    signal: givingUp.signal,
    onLine: (service, line) => showLine(service, line),
  });
  if (stopping !== undefined) return;
  process.stdout.write(
    formatBanner({
      version: readVersion(),
      what: `five processes, bindings in ${redis === undefined ? 'what LOCATION_STORE names' : 'Redis'}`,
      sip: transports.flatMap((transport) =>
        listenersOf(transport).map((address) => ({ transport, address })),
      ),
      locationApi: cluster.locationApi,
      http: Object.entries(cluster.http)
        .map(([name, address]) => ({ name, address }))
        .toSorted((one, other) => one.address.localeCompare(other.address)),
      demo: given.AUTH_SUBSCRIBERS === undefined,
    }),
  );
}

/** Where the edge serves a transport, as the environment or the starter says. */
function listenersOf(transport: (typeof transports)[number]): string[] {
  const own = transport === 'udp' || transport === 'tcp' ? `127.0.0.1:${ports.sip}` : '';
  const listeners = given[`EDGE_${transport.toUpperCase()}_LISTEN`] ?? own;
  return listeners.split(/[\s,]+/).filter((address) => address !== '');
}

/** Stops what runs or starts, the edge first, Redis last; once. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    givingUp.abort();
    await starting.catch(() => undefined);
    await cluster?.stop();
    await redis?.stop();
    process.exit(exitCode);
  })();
  return stopping;
}

/** A change of the binding table becomes a live line; what is at least a warning is shown; the rest is for machines. */
function showLine(service: string, line: string): void {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A program that cannot start names itself.
    console.error(line.startsWith(`${service}: `) ? line : `${service}: ${line}`);
    return;
  }
  if (typeof entry.change === 'string') {
    const { change, aor, contact, expiresSec, received, time } = entry;
    lines.show({
      atMs: Date.parse(String(time)),
      change,
      aor: String(aor),
      contact: typeof contact === 'string' ? contact : undefined,
      expiresSec: typeof expiresSec === 'number' ? expiresSec : undefined,
      received: typeof received === 'string' ? received : undefined,
    });
  } else if (['warn', 'error', 'fatal'].includes(String(entry.level))) {
    console.error(`${service}: ${line}`);
  }
}

function readVersion(): string {
  const manifest = fileURLToPath(new URL('../../../package.json', import.meta.url));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
