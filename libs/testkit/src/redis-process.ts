import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { dieWithUs } from './die-with-us.ts';
import { findFreePort } from './free-ports.ts';
import { type RedisGuard, serverArguments } from './redis-guard.ts';
import type { RunningRedis } from './running-redis.ts';

const startTimeoutMs = 10_000;
const portAttempts = 5;

/** Starts a redis-server of its own on a free port of 127.0.0.1, with its data in a temporary folder. */
export async function startRedisProcess(
  program: string,
  durable: boolean,
  guard: RedisGuard = {},
): Promise<RunningRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-redis-'));
  let failure: unknown;
  for (let attempt = 0; attempt < portAttempts; attempt += 1) {
    const port = await findFreePort();
    try {
      const start = { program, port, folder, durable, guard };
      return new LocalRedis(start, await launch(start));
    } catch (error) {
      // Somebody else may have taken the port in between.
      failure = error;
    }
  }
  await rm(folder, { recursive: true, force: true });
  throw failure;
}

/** How a server is started, also once more. */
interface Start {
  readonly program: string;
  readonly port: number;
  readonly folder: string;
  readonly durable: boolean;
  readonly guard: RedisGuard;
}

class LocalRedis implements RunningRedis {
  readonly url: string;
  readonly peer: RunningRedis['peer'];
  readonly how: string;
  readonly #start: Start;
  #child: ChildProcess;

  constructor(start: Start, child: ChildProcess) {
    this.url = `${start.guard.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${start.port}`;
    this.peer = { host: '127.0.0.1', port: start.port };
    this.how = `local ${basename(start.program)} (process ${child.pid})`;
    this.#start = start;
    this.#child = child;
  }

  async kill(): Promise<void> {
    await endServer(this.#child);
  }

  async restart(): Promise<void> {
    await endServer(this.#child);
    this.#child = await launch(this.#start);
  }

  async stop(): Promise<void> {
    await endServer(this.#child);
    await rm(this.#start.folder, { recursive: true, force: true });
  }
}

async function launch({ program, port, folder, durable, guard }: Start): Promise<ChildProcess> {
  const settings = {
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: 'always',
    daemonize: 'no',
  };
  const args = [
    ...serverArguments(port, guard),
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ];
  return launchServer(program, args, 'Ready to accept connections');
}

/**
 * Starts a server with these arguments; it is ready once it has written `readyText`.
 *
 * @throws Error with its output where it does not become so
 */
export async function launchServer(
  program: string,
  args: readonly string[],
  readyText: string,
): Promise<ChildProcess> {
  // In a process group of its own: Ctrl-C is for the starter, which ends the server after those that use it.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  dieWithUs(child);
  try {
    await untilReady(child, program, readyText);
  } catch (error) {
    await endServer(child);
    throw error;
  }
  return child;
}

function untilReady(child: ChildProcess, program: string, readyText: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`${program} is not ready:\n${output}`)), startTimeoutMs);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${program} ended with ${code}:\n${output}`));
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < 10_000) output += text;
      if (!output.includes(readyText)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Kills a server, and waits for its end. */
export async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
