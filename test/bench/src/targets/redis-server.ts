import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findFreePort } from '@rollcall/testkit';
import { Redis } from 'ioredis';

/** A redis-server of the benchmark: its process id is known, so that its CPU can be accounted for. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Keys that match a pattern; walks the whole key space, so never while something is measured. */
  countKeys(pattern: string): Promise<number>;
  /** One command, for setting up. */
  command(name: string, ...args: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

const scanCount = 5000;

/** Starts a server without persistence: what is measured is the registrar, not the disk. */
export async function startRedisServer(program: string): Promise<RedisServer> {
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url);
  return {
    url,
    port,
    pid: child.pid ?? 0,
    countKeys: async (pattern) => {
      let count = 0;
      let cursor = '0';
      do {
        const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount);
        cursor = next;
        count += keys.length;
      } while (cursor !== '0');
      return count;
    },
    command: (name, ...rest) => client.call(name, ...rest),
    stop: async () => {
      client.disconnect();
      process.removeListener('exit', killNow);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Bytes in use of a Redis, as INFO says it; 0 where there is none. */
export async function readRedisBytes(url: string | undefined): Promise<number> {
  if (url === undefined) return 0;
  const client = new Redis(url);
  const bytes = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  client.disconnect();
  return bytes;
}
