import type { Socket } from 'node:net';
import {
  OutageLog,
  openRedis,
  type RedisClient,
  type RedisSettings,
  type RedisTarget,
  type RedisTls,
} from '@rollcall/redis';
import type { Clock, Logger } from '@rollcall/runtime';
import { Cluster, Redis } from 'ioredis';
import { storeUnavailable } from '../faults.ts';
import type { LocationMetrics } from '../metrics.ts';
import { MasterWatch } from './master-watch.ts';
import {
  forgetDueScript,
  listAorsScript,
  readLogScript,
  readTogetherScript,
  saveScript,
  takeDueScript,
} from './redis-scripts.ts';

/** How long a command waits for a connection that was just lost. Later ones fail at once: nothing piles up. */
const outageGraceMs = 800;

/** Most commands without an answer; about a second's work of one Redis. */
const maxPending = 20_000;

const longestReconnectMs = 500;

/** The commands that scripts define; "Buffer" is how ioredis names the variant that does not decode text. */
interface Scripts {
  rcSaveBuffer(...args: (string | number | Buffer)[]): Promise<unknown>;
  rcSaveOneBuffer(...args: (string | number | Buffer)[]): Promise<unknown>;
  rcForgetDue(...args: (string | number)[]): Promise<unknown>;
  rcTakeDueBuffer(...args: (string | number | Buffer)[]): Promise<unknown>;
  rcListAorsBuffer(...args: string[]): Promise<unknown>;
  rcReadTogetherBuffer(...args: (string | number)[]): Promise<unknown>;
  rcReadLogBuffer(...args: (string | number)[]): Promise<unknown>;
}

/** The connection to Redis: fails fast while there is none, and comes back by itself. */
export class RedisLink {
  readonly commands: RedisClient & Scripts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: LocationMetrics;
  #pending = 0;
  #downSinceMs: number;
  #up = false;
  #connectedBefore = false;
  #problem = 'not connected yet';
  #waiting: { resolve: () => void; reject: (reason: unknown) => void }[] = [];
  #graceTimer: { cancel(): void } | undefined;
  #corked: Redis['stream'] | undefined;
  readonly #masters: MasterWatch;
  readonly #outages: OutageLog;

  constructor(parts: {
    target: RedisTarget;
    settings: RedisSettings;
    tls: RedisTls | undefined;
    clock: Clock;
    logger: Logger;
    metrics: LocationMetrics;
  }) {
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#metrics = parts.metrics;
    this.#downSinceMs = parts.clock.nowMs();
    this.#masters = new MasterWatch(() => this.#onFailover());
    this.#outages = new OutageLog({
      ...{ variable: 'LOCATION_STORE', meanwhile: 'phones and look-ups get 503' },
      ...{ clock: parts.clock, logger: parts.logger },
    });
    const client = connect(parts.target, parts.settings, parts.tls);
    client.defineCommand('rcSave', { lua: saveScript });
    // ioredis tells by the first argument to which node of a cluster a command goes: it must be a key, not their number.
    client.defineCommand('rcSaveOne', { numberOfKeys: 4, lua: saveScript });
    client.defineCommand('rcTakeDue', { numberOfKeys: 3, lua: takeDueScript });
    client.defineCommand('rcForgetDue', { numberOfKeys: 4, lua: forgetDueScript });
    client.defineCommand('rcListAors', { numberOfKeys: 2, lua: listAorsScript });
    client.defineCommand('rcReadTogether', { lua: readTogetherScript });
    client.defineCommand('rcReadLog', { numberOfKeys: 1, lua: readLogScript });
    client.on('ready', () => this.#onReady());
    client.on('close', () => this.#onClose());
    client.on('error', (error: Error) => {
      this.#problem = error.message;
      this.#outages.failed(error.message);
    });
    this.commands = client as RedisClient & Scripts;
  }

  /** Why Redis cannot be used; undefined while it can. */
  get problem(): string | undefined {
    return this.#isReady ? undefined : this.#problem;
  }

  /**
   * Runs a command.
   *
   * @throws ServiceFault STORE_UNAVAILABLE
   */
  async run<T>(send: (commands: Scripts & RedisClient) => Promise<T>): Promise<T> {
    if (!this.#isReady) await this.#whenReady();
    if (this.#pending >= maxPending) throw storeUnavailable(`${maxPending} commands wait for an answer`);
    this.#pending += 1;
    this.#cork();
    try {
      return await send(this.commands);
    } catch (error) {
      throw storeUnavailable(problemOf(error), error);
    } finally {
      this.#pending -= 1;
    }
  }

  /** Sends what this turn of the event loop has brought so far; without it that leaves at the turn's end. */
  flush(): void {
    this.#uncork();
  }

  /** Sets what is cheaper read than followed. */
  collect(): void {
    this.#metrics.pendingCommands.set(this.#pending);
    this.#metrics.connected.set(this.#isReady ? 1 : 0);
    if (this.#isReady) this.#masters.see(this.#masterAddresses());
  }

  async close(): Promise<void> {
    this.#failWaiting('the process is stopping');
    if (this.#isReady) await this.commands.quit().catch(() => undefined);
    this.commands.disconnect();
  }

  /** True where records are spread over nodes: a command may then touch one record only. */
  get isCluster(): boolean {
    return this.commands instanceof Cluster;
  }

  get #isReady(): boolean {
    return this.commands.status === 'ready';
  }

  /**
   * Commands of one turn of the event loop leave as one write: a system call each would cost more than the command.
   * ioredis's own auto-pipelining does the same at about twice the price, as it builds a pipeline object each time.
   */
  #cork(): void {
    if (!(this.commands instanceof Redis) || this.#corked !== undefined) return;
    this.#corked = this.commands.stream;
    this.#corked.cork();
    setImmediate(this.#uncork);
  }

  readonly #uncork = (): void => {
    this.#corked?.uncork();
    this.#corked = undefined;
  };

  #whenReady(): Promise<void> {
    const leftMs = this.#downSinceMs + outageGraceMs - this.#clock.nowMs();
    if (leftMs <= 0 || this.#waiting.length >= maxPending) {
      return Promise.reject(storeUnavailable(this.#problem));
    }
    this.#graceTimer ??= this.#clock.after(leftMs, () => this.#failWaiting(this.#problem));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #onReady(): void {
    if (this.#connectedBefore) this.#metrics.reconnects.inc();
    this.#connectedBefore = true;
    this.#up = true;
    this.#outages.ready();
    this.#masters.see(this.#masterAddresses());
    const waiting = this.#waiting;
    this.#endGrace();
    for (const { resolve } of waiting) resolve();
  }

  /** Where writes go to, as the connections know it. */
  #masterAddresses(): string[] {
    const { commands } = this;
    if (commands instanceof Cluster)
      return commands.nodes('master').map(({ options: { host, port } }) => `${host}:${port}`);
    const { remoteAddress, remotePort } = commands.stream as Socket;
    return remoteAddress === undefined ? [] : [`${remoteAddress}:${remotePort}`];
  }

  #onFailover(): void {
    this.#metrics.failovers.inc();
    this.#logger.warn('another Redis server has become master');
  }

  #onClose(): void {
    // Every failed attempt to connect ends with this event too: the outage began with the first.
    if (!this.#up) return;
    this.#up = false;
    this.#downSinceMs = this.#clock.nowMs();
    this.#problem = 'the connection was lost';
    this.#logger.warn('the connection to Redis was lost');
  }

  #failWaiting(problem: string): void {
    const waiting = this.#waiting;
    this.#endGrace();
    for (const { reject } of waiting) reject(storeUnavailable(problem));
  }

  #endGrace(): void {
    this.#graceTimer?.cancel();
    this.#graceTimer = undefined;
    this.#waiting = [];
  }
}

function connect(target: RedisTarget, settings: RedisSettings, tls: RedisTls | undefined): RedisClient {
  return openRedis({
    ...{ target, settings, tls },
    connection: {
      // One timer for the connection, not one for each command: a Redis that is silent for so long is taken for dead.
      socketTimeout: settings.storeCommandTimeoutMs,
      // A command whose connection broke fails at once; the caller knows whether it may be sent again.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      retryStrategy: (times: number) =>
        Math.min(25 * 2 ** Math.min(times, 5), longestReconnectMs) + Math.random() * 50,
      // A master that became a replica refuses writes until the connection is made anew.
      reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (1 as const) : false),
    },
    cluster: {
      enableAutoPipelining: true,
      // It names its node by the keys that follow their number, which a pipeline does not look at.
      autoPipeliningIgnoredCommands: ['rcReadTogether'],
      enableOfflineQueue: false,
      maxRedirections: 4,
      clusterRetryStrategy: () => longestReconnectMs,
    },
  });
}

/** In words of ours where ioredis speaks of its own options: a command whose connection ends is not sent again. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'MaxRetriesPerRequestError' ? 'the connection was lost' : error.message;
}
