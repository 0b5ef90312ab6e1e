import { request } from 'node:http';
import { Redis } from 'ioredis';
import type { StartedTestContainer } from 'testcontainers';
import { findFreePort } from './free-ports.ts';
import type { RunningRedis } from './running-redis.ts';

const image = 'redis:7-alpine';
const askTimeoutMs = 1000;
const pullTimeoutMs = 30_000;
const startTimeoutMs = 20_000;

/**
 * Tells whether a container engine answers and has the image or can get it. Asked over its socket in a second: the
 * library itself would look for an engine in many places first, and wait for each.
 */
export async function findContainerEngine(): Promise<boolean> {
  if ((await ask('GET', '/_ping', askTimeoutMs)) !== 200) return false;
  if ((await ask('GET', `/images/${image}/json`, askTimeoutMs)) === 200) return true;
  process.stderr.write(`redis: pulling the image ${image} …\n`);
  const [name, tag] = image.split(':');
  await ask('POST', `/images/create?fromImage=${name}&tag=${tag}`, pullTimeoutMs);
  return (await ask('GET', `/images/${image}/json`, askTimeoutMs)) === 200;
}

/** Starts Redis in a container. */
export async function startRedisContainer(durable: boolean): Promise<RunningRedis> {
  // Its helper for cleaning up is an image of its own, which may not be at hand; the harness stops what it starts.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  // A port of our own choice: the engine would give a restarted container another one.
  const port = await findFreePort();
  const { GenericContainer, Wait } = await load();
  const command = ['redis-server', '--protected-mode', 'no', '--save', '', '--appendfsync', 'always'];
  const started = await new GenericContainer(image)
    .withCommand([...command, '--appendonly', durable ? 'yes' : 'no'])
    .withExposedPorts({ container: 6379, host: port })
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .withStartupTimeout(startTimeoutMs)
    .start();
  return new ContainedRedis(started);
}

/** Loaded where it is used only: it takes half a second, and most tests need none of it. */
function load(): Promise<typeof import('testcontainers')> {
  return import('testcontainers');
}

class ContainedRedis implements RunningRedis {
  readonly url: string;
  readonly peer: RunningRedis['peer'];
  readonly how: string;
  readonly #started: StartedTestContainer;

  constructor(started: StartedTestContainer) {
    this.url = `redis://${started.getHost()}:${started.getMappedPort(6379)}`;
    this.peer = { host: started.getIpAddress('bridge'), port: 6379 };
    this.how = `container of ${image} (${started.getId().slice(0, 12)})`;
    this.#started = started;
  }

  async kill(): Promise<void> {
    const { container } = await (await load()).getContainerRuntimeClient();
    await container.getById(this.#started.getId()).kill({ signal: 'SIGKILL' });
  }

  async restart(): Promise<void> {
    const { container } = await (await load()).getContainerRuntimeClient();
    const found = container.getById(this.#started.getId());
    if ((await found.inspect()).State.Running) await found.kill({ signal: 'SIGKILL' });
    await found.start();
    // The client tries again by itself until the server accepts connections.
    const client = new Redis(this.url, { maxRetriesPerRequest: null });
    client.on('error', () => {});
    await client.ping();
    client.disconnect();
  }

  async stop(): Promise<void> {
    await this.#started.stop({ timeout: 0 });
  }
}

/** The HTTP status of the engine's answer; 0 where there is none in time. */
function ask(method: string, path: string, timeoutMs: number): Promise<number> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const tcp = /^tcp:\/\/([^:/]+):(\d+)$/.exec(host);
  const address =
    tcp === null ? { socketPath: host.replace(/^unix:\/\//, '') } : { host: tcp[1], port: Number(tcp[2]) };
  return new Promise((resolve) => {
    const asked = request({ ...address, method, path, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(0));
    const timer = setTimeout(() => asked.destroy(new Error('too slow')), timeoutMs);
    asked.once('close', () => {
      clearTimeout(timer);
      resolve(0);
    });
    asked.end();
  });
}
