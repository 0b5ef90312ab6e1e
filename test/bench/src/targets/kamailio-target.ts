import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@rollcall/testkit';
import { formatPasswordTable } from '../fleet.ts';
import { formatKamailioConfig } from './kamailio-config.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import type { Target, TargetSetup } from './target.ts';

const run = promisify(execFile);
const startTimeoutMs = 60_000;
const pollMs = 100;
/** Shared memory, and private memory of each process, in megabytes: at a restart through Redis one holds the keys of all bindings. */
const memory = ['-m', '2048', '-M', '512'];

/** Kamailio with its location table in memory (db_mode 0), or writing through to Redis (db_mode 1). */
export function kamailio(program: string, redisProgram: string | undefined): Target {
  return {
    name: redisProgram === undefined ? 'Kamailio, memory' : 'Kamailio, through to Redis',
    peer: true,
    start: async (setup) => {
      const redis = redisProgram === undefined ? undefined : await startRedisServer(redisProgram);
      if (redis !== undefined) await prepareTables(redis);
      const server = new KamailioServer(program, await findFreePort(), setup, redis);
      await server.start();
      return {
        sip: { host: '127.0.0.1', port: server.port },
        locationApi: undefined,
        redisUrl: redis?.url,
        processes: () =>
          new Map([
            ['kamailio', server.pid],
            ...(redis === undefined ? [] : [['redis', redis.pid] as const]),
          ]),
        storedAors: async () =>
          redis === undefined ? server.registeredUsers() : redis.countKeys('location:entry::*'),
        startEmpty: undefined,
        restart: async () => {
          await server.stop();
          await server.start();
        },
        stop: async () => {
          await server.stop();
          await redis?.stop();
        },
      };
    },
  };
}

class KamailioServer {
  readonly port: number;
  readonly #program: string;
  readonly #setup: TargetSetup;
  readonly #redis: RedisServer | undefined;
  readonly #control: string;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(program: string, port: number, setup: TargetSetup, redis: RedisServer | undefined) {
    this.port = port;
    this.#program = program;
    this.#setup = setup;
    this.#redis = redis;
    this.#control = join(setup.folder, 'control');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { folder, users } = this.#setup;
    await writeFile(join(folder, 'ha1'), formatPasswordTable(users));
    await writeFile(
      join(folder, 'version'),
      'table_name(string) table_version(int)\nha1:2\nhtable:2\nlocation:9\n',
    );
    const file = join(folder, 'kamailio.cfg');
    await writeFile(
      file,
      formatKamailioConfig({
        port: this.port,
        tables: folder,
        control: this.#control,
        redisPort: this.#redis?.port,
      }),
    );
    const args = ['-f', file, '-DD', '-E', '-Y', folder, '-w', folder, ...memory];
    this.#output = '';
    const child = spawn(this.#program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const keep = (bytes: Buffer) => {
      if (this.#output.length < 20_000) this.#output += bytes.toString('latin1');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // Its children end with it: it is told, not killed.
    const stopNow = () => child.kill('SIGTERM');
    process.once('exit', stopNow);
    child.once('exit', () => process.removeListener('exit', stopNow));
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** AORs in memory, by Kamailio's own statistics. */
  async registeredUsers(): Promise<number> {
    const { stdout } = await this.#rpc('stats.get_statistics', 'registered_users');
    return Number(/registered_users = (\d+)/.exec(stdout)?.[1]);
  }

  async #untilReady(): Promise<void> {
    const lastAtMs = Date.now() + startTimeoutMs;
    for (;;) {
      if (this.#child?.exitCode !== null || Date.now() > lastAtMs) {
        throw new Error(`Kamailio did not start\n${this.#output}`);
      }
      try {
        await this.#rpc('core.uptime');
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  }

  #rpc(...command: string[]): Promise<{ stdout: string }> {
    return run('kamcmd', ['-s', `unix:${this.#control}`, ...command]);
  }
}

/** db_redis asks Redis for the version of a table before it uses it. */
async function prepareTables(redis: RedisServer): Promise<void> {
  await redis.command('HSET', 'version:entry::location', 'table_version', '9');
}
