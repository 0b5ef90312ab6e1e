import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findContainerEngine, startRedisContainer } from './redis-container.ts';
import { claimDatabase } from './redis-given.ts';
import type { RedisGuard } from './redis-guard.ts';
import { startRedisProcess } from './redis-process.ts';
import type { RunningRedis } from './running-redis.ts';

/** What a test needs of its Redis. */
export interface RedisNeeds {
  /** Every write is on disk before it is answered, and survives kill and restart. */
  readonly durable?: boolean;
  /** The test kills it or reads its statistics: a server given by REDIS_URL, which belongs to somebody, is not used. */
  readonly own?: boolean;
}

/** The one command that helps where there is no Redis. */
const installer = 'apt-get';
const help = `sudo ${installer} install -y redis-server`;

/**
 * Starts a Redis: REDIS_URL where it is set (an empty database of it), else a container where an engine runs, else a
 * local redis-server or valkey-server, else, as root on Debian, one installed for the purpose. Says on stderr which.
 *
 * @throws Error with the command that helps, where there is none of these
 */
export async function startRedis(needs: RedisNeeds = {}): Promise<RunningRedis> {
  const server = await open(needs);
  process.stderr.write(`redis: ${server.how} at ${withoutPassword(server.url)}\n`);
  return server;
}

async function open(needs: RedisNeeds): Promise<RunningRedis> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '' && needs.own !== true) return claimDatabase(given);
  if (await findContainerEngine()) {
    try {
      return await startRedisContainer(needs.durable === true);
    } catch (error) {
      process.stderr.write(`redis: the container engine could not start it (${String(error)}); going on\n`);
    }
  }
  const program = findProgram() ?? install();
  if (program === undefined) {
    throw new Error(`no Redis: set REDIS_URL, start Docker, or run: ${help}`);
  }
  return startRedisProcess(program, needs.durable === true);
}

/**
 * Starts a redis-server of this machine that asks for a password, for certificates, or both.
 *
 * @throws Error with the command that helps, where there is none
 */
export function startGuardedRedis(guard: RedisGuard): Promise<RunningRedis> {
  return startRedisProcess(findRedisServer(), false, guard);
}

/**
 * The redis-server (or valkey-server) of this machine; as root on Debian installed for the purpose.
 *
 * @throws Error with the command that helps, where there is none
 */
export function findRedisServer(): string {
  const program = findProgram() ?? install();
  if (program === undefined) throw new Error(`no redis-server: run: ${help}`);
  return program;
}

function findProgram(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ];
  for (const name of ['redis-server', 'valkey-server']) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return undefined;
}

function install(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  process.stderr.write('redis: none here; installing it with apt-get, about half a minute …\n');
  // RUNLEVEL=1 keeps the package from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']]) {
    const done = spawnSync(installer, [...options, ...args], { env, encoding: 'utf8', timeout: 180_000 });
    if (done.status !== 0 && args[0] === 'install') {
      throw new Error(`no Redis, and installing it failed; run: ${help}\n${done.stderr}`);
    }
  }
  return findProgram();
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}
