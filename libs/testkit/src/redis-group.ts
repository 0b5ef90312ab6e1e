import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from './free-ports.ts';
import {
  clientOptions,
  guardArguments,
  type RedisGuard,
  sentinelLines,
  serverArguments,
} from './redis-guard.ts';
import { findRedisServer } from './redis-harness.ts';
import { endServer, launchServer } from './redis-process.ts';

const serverReady = 'Ready to accept connections';
/** The last line of a sentinel that has read its configuration. */
const sentinelReady = '+monitor master';
const masterName = 'rollcall';
const settleTimeoutMs = 30_000;
const pollMs = 100;

/** Several Redis servers that are one store. */
export interface RedisGroup {
  /** For LOCATION_STORE. */
  readonly url: string;
  /** Waits until the replicas have what their masters have. */
  whenReplicated(): Promise<void>;
  /** Kills the server that is the master; of a cluster, one of the masters. */
  killMaster(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A master, a replica, and three sentinels that take a master for dead after a second. With a guard all of them ask for
 * its passwords and certificates.
 */
export async function startRedisSentinel(guard: RedisGuard = {}): Promise<RedisGroup> {
  const group = new Processes(guard);
  try {
    const master = await group.server();
    const replica = await group.server(['--replicaof', '127.0.0.1', String(master.port)]);
    await until('the replica has connected', async () =>
      (await info(replica.port, 'replication', guard)).includes('master_link_status:up'),
    );
    const sentinels = [await group.sentinel(master.port), await group.sentinel(master.port)];
    sentinels.push(await group.sentinel(master.port));
    for (const port of sentinels) {
      await until('the sentinels know each other and the replica', async () => {
        const text = await info(port, 'sentinel', { ...guard, password: guard.sentinelPassword });
        return text.includes('slaves=1,sentinels=3');
      });
    }
    return {
      url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/${masterName}`,
      whenReplicated: () => whenReplicated([master], guard),
      killMaster: () => endServer(master.child),
      stop: () => group.stop(),
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** Three masters and a replica of each. With a guard all of them ask for its password and certificates. */
export async function startRedisCluster(guard: RedisGuard = {}): Promise<RedisGroup> {
  const group = new Processes(guard);
  try {
    const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500'];
    const servers: RunningServer[] = [];
    for (let count = 0; count < 6; count += 1) servers.push(await group.server(settings));
    const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
    const create = [
      ...guardArguments(guard),
      '--cluster',
      'create',
      ...nodes,
      '--cluster-replicas',
      '1',
      '--cluster-yes',
    ];
    const made = spawnSync('redis-cli', create, { encoding: 'utf8', timeout: settleTimeoutMs });
    if (made.status !== 0) throw new Error(`no cluster: ${made.stdout}${made.stderr}`);
    for (const { port } of servers) {
      await until('the cluster is whole', async () => {
        const state = await command(port, guard, 'CLUSTER', 'INFO');
        const replication = await info(port, 'replication', guard);
        // A replica to be is a master without replicas at first.
        const isLinked =
          replication.includes('state=online') || replication.includes('master_link_status:up');
        return state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:6') && isLinked;
      });
    }
    return {
      url: `redis+cluster://${nodes.join(',')}`,
      // The first three are the masters.
      whenReplicated: () => whenReplicated(servers.slice(0, 3), guard),
      killMaster: async () => {
        const [first] = servers;
        if (first !== undefined) await endServer(first.child);
      },
      stop: () => group.stop(),
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

interface RunningServer {
  readonly port: number;
  readonly child: ChildProcess;
}

/** A replica that has just connected is sent nothing for up to a second. */
async function whenReplicated(masters: readonly RunningServer[], guard: RedisGuard): Promise<void> {
  for (const { port } of masters) {
    await until('the replica has what its master has', async () => {
      const text = await info(port, 'replication', guard);
      const offset = /master_repl_offset:(\d+)/.exec(text)?.[1];
      return offset !== undefined && text.includes(`state=online,offset=${offset},`);
    });
  }
}

/** Servers of one group, each with a folder of its own. */
class Processes {
  readonly #children: ChildProcess[] = [];
  readonly #guard: RedisGuard;
  #folder: Promise<string> | undefined;

  constructor(guard: RedisGuard) {
    this.#guard = guard;
  }

  async server(settings: readonly string[] = []): Promise<RunningServer> {
    const port = await findLowPort();
    const dir = await this.#makeFolder(port);
    const fixed = [...serverArguments(port, this.#guard), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
    const args = [...fixed, '--repl-diskless-sync-delay', '0', ...settings];
    const child = await launchServer(findRedisServer(), args, serverReady);
    this.#children.push(child);
    return { port, child };
  }

  async sentinel(masterPort: number): Promise<number> {
    const port = await findLowPort();
    const dir = await this.#makeFolder(port);
    const file = join(dir, 'sentinel.conf');
    // It writes what it learns into its file.
    await writeFile(
      file,
      [
        ...sentinelLines(port, this.#guard),
        'bind 127.0.0.1',
        `dir ${dir}`,
        `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
        `sentinel down-after-milliseconds ${masterName} 1000`,
        `sentinel failover-timeout ${masterName} 5000`,
        ...(this.#guard.password === undefined
          ? []
          : [`sentinel auth-pass ${masterName} "${this.#guard.password}"`]),
        '',
      ].join('\n'),
    );
    this.#children.push(await launchServer(findRedisServer(), [file, '--sentinel'], sentinelReady));
    return port;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(endServer));
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #makeFolder(port: number): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'rollcall-redis-group-'));
    const folder = join(await this.#folder, String(port));
    await mkdir(folder);
    return folder;
  }
}

/** Nodes of a cluster talk to each other on their port plus 10,000. */
async function findLowPort(): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (port < 55_000) return port;
  }
}

function info(port: number, section: string, guard: RedisGuard): Promise<string> {
  return command(port, guard, 'INFO', section);
}

async function command(port: number, guard: RedisGuard, name: string, ...args: string[]): Promise<string> {
  const client = new Redis({
    ...{ host: '127.0.0.1', port, lazyConnect: true, maxRetriesPerRequest: 0 },
    ...clientOptions(guard),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return String(await client.call(name, ...args));
  } finally {
    client.disconnect();
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + settleTimeoutMs;
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > untilMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
