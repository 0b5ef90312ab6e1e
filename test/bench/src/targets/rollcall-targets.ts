import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePorts, type Program, serviceNames, startServices, startStandalone } from '@rollcall/testkit';
import { formatSubscribers } from '../fleet.ts';
import { startRedisServer } from './redis-server.ts';
import type { Target, TargetSetup } from './target.ts';

/** What makes the product comparable: the digest algorithm that the others speak, and no spread of lifetimes. */
async function writeEnv({ users, folder }: TargetSetup): Promise<Record<string, string>> {
  const file = join(folder, 'subscribers.yaml');
  await writeFile(file, formatSubscribers(users));
  return {
    AUTH_SUBSCRIBERS: `file:${file}`,
    AUTH_ALGORITHMS: 'MD5',
    AUTH_NONCE_LIFETIME: '3600',
    AUTH_NONCE_SECRETS: 'benchmark-secret-of-16-or-more',
    REGISTRAR_EXPIRES_JITTER: '0',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    ...profiling(),
  };
}

/** BENCH_NODE_OPTIONS reaches the measured programs only, for example --cpu-prof. */
function profiling(): Record<string, string> {
  const options = process.env.BENCH_NODE_OPTIONS;
  return options === undefined ? {} : { NODE_OPTIONS: options };
}

/** All five services in one process, bindings in memory. */
export const standalone: Target = {
  name: 'Rollcall standalone, memory',
  peer: false,
  start: async (setup) => {
    const running = await startStandalone({ env: await writeEnv(setup) });
    return {
      sip: running.sip,
      locationApi: running.locationApi,
      redisUrl: undefined,
      processes: () => new Map([['standalone', pidOf(running.program)]]),
      storedAors: () => readGauge(running.http, 'rollcall_store_aors'),
      restart: () => running.program.restart(),
      startEmpty: () => running.program.restart(),
      stop: () => running.stop(),
    };
  },
};

/** Five processes wired by gRPC, bindings in Redis. */
export function fiveProcesses(redisProgram: string): Target {
  return {
    name: 'Rollcall five processes, Redis',
    peer: false,
    start: async (setup) => {
      const redis = await startRedisServer(redisProgram);
      const ports = await findFreePorts();
      const options = { env: await writeEnv(setup), redisUrl: redis.url, ports };
      let cluster = await startServices(options);
      return {
        sip: cluster.sip,
        locationApi: cluster.locationApi,
        redisUrl: redis.url,
        processes: () =>
          new Map<string, number>([
            ...serviceNames.map((name) => [name, pidOf(cluster.program(name))] as const),
            ['redis', redis.pid],
          ]),
        storedAors: () => redis.countKeys('rc:*:b:*'),
        restart: async () => {
          await cluster.stop();
          cluster = await startServices(options);
        },
        startEmpty: async () => {
          await cluster.stop();
          await redis.command('FLUSHALL');
          cluster = await startServices(options);
        },
        stop: async () => {
          await cluster.stop();
          await redis.stop();
        },
      };
    },
  };
}

function pidOf(program: Program): number {
  if (program.pid === undefined) throw new Error(`${program.name} does not run\n${program.output}`);
  return program.pid;
}

async function readGauge(http: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${http}/metrics`)).text();
  const row = text.split('\n').find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (row === undefined) throw new Error(`no ${name} in the metrics of ${http}`);
  return Number(row.slice(row.lastIndexOf(' ') + 1));
}
