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
const ours = /^(EDGE|REGISTRAR|AUTH|LOCATION|REDIRECT|LOG|GRPC_TLS)_|^HTTP_LISTEN$/;

const lines = new ChangeLines({ write: (line) => console.log(line), clock: systemClock });
const given = Object.fromEntries(
  Object.entries(process.env).filter(
    (entry): entry is [string, string] => ours.test(entry[0]) && entry[1] !== undefined,
  ),
);
let redis: RunningRedis | undefined;
let cluster: ServicesCluster | undefined;
let stopping: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping === undefined) console.log('\nstopping …');
    void stop(0);
  });
}

try {
  await start();
} catch (error) {
  if (stopping === undefined) console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

async function start(): Promise<void> {
  if (given.LOCATION_STORE === undefined) {
    console.log('starting Redis …');
    redis = await startRedis();
    console.log(`Redis: ${redis.how}`);
  }
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
    onLine: (service, line) => showLine(service, line),
  });
  if (stopping !== undefined) return;
  const sip = `${cluster.sip.host}:${cluster.sip.port}`;
  process.stdout.write(
    formatBanner({
      version: readVersion(),
      what: `five processes, bindings in ${redis === undefined ? 'the Redis of LOCATION_STORE' : 'Redis'}`,
      sip: [
        { transport: 'udp', address: sip },
        { transport: 'tcp', address: sip },
      ],
      locationApi: cluster.locationApi,
      http: Object.entries(cluster.http).map(([name, address]) => ({ name, address })),
      demo: given.AUTH_SUBSCRIBERS === undefined,
    }),
  );
}

/** Stops what runs, the edge first, Redis last; once. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
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
    console.error(`${service}: ${line}`);
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
