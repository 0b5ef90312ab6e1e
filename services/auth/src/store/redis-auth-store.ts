import { hash } from 'node:crypto';
import {
  OutageLog,
  openRedis,
  type RedisClient,
  type RedisSettings,
  type RedisTarget,
  type RedisTls,
} from '@rollcall/redis';
import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { AuthStore, Failure, FailureLimits, Lockout, NonceUse } from './auth-store.ts';
import { countFailureScript, useNonceScript } from './redis-scripts.ts';

/** Lock-outs in force that are kept for replicas that start or were cut off. */
const maxLockoutsKept = 10_000;

/** Redis that does not answer is asked again at most so late. */
const reconnectDelayMs = (attempt: number): number => Math.min(50 * attempt, 1000);

interface Scripts {
  rollcallUseNonce(nonce: string, nc: number, requestKey: string, expiresAtMs: number): Promise<number>;
  rollcallCountFailure(...args: (string | number)[]): Promise<string[]>;
}

/** What a Redis store is made of. */
export interface RedisAuthStoreParts {
  readonly target: RedisTarget;
  readonly settings: RedisSettings;
  /** Needed where the target uses TLS. */
  readonly tls: RedisTls | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** State shared by all replicas of auth through one Redis; of a cluster, one slot of it. */
export class RedisAuthStore implements AuthStore {
  readonly kind = 'redis';
  readonly #redis: RedisClient & Scripts;
  readonly #subscriber: RedisClient;
  /** Precedes the rest of a key: the hash tag keeps all of them in one slot. */
  readonly #prefix: string;
  readonly #channel: string;
  readonly #lockoutsKey: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #listeners: ((lockout: Lockout) => void)[] = [];
  readonly #outages: OutageLog;
  #problem: string | undefined = 'not connected yet';

  /** Connects in the background; until it is connected every use fails fast. */
  constructor({ target, settings, tls, clock, logger }: RedisAuthStoreParts) {
    this.#clock = clock;
    this.#logger = logger;
    this.#outages = new OutageLog({
      ...{ variable: 'AUTH_STORE', clock, logger },
      meanwhile: 'failures go uncounted, and who may register several AORs gets 503',
    });
    this.#prefix = `${settings.storeKeyPrefix}rc:{auth}:`;
    this.#channel = `${this.#prefix}lockouts`;
    this.#lockoutsKey = `${this.#prefix}lockout`;
    const connection = {
      // A command fails at once while there is no connection, rather than wait in a queue for one.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: settings.storeCommandTimeoutMs,
      retryStrategy: reconnectDelayMs,
    };
    const cluster = { enableOfflineQueue: false, clusterRetryStrategy: reconnectDelayMs };
    const redis = openRedis({ target, settings, tls, connection, cluster });
    redis.defineCommand('rollcallUseNonce', { lua: useNonceScript, numberOfKeys: 1 });
    redis.defineCommand('rollcallCountFailure', { lua: countFailureScript, numberOfKeys: 3 });
    this.#redis = redis as RedisClient & Scripts;
    this.#redis.on('ready', () => this.#onReady());
    this.#redis.on('error', (error: Error) => this.#onProblem(error.message));
    this.#redis.on('close', () => this.#onClose());
    this.#subscriber = openRedis({
      ...{ target, settings, tls, cluster },
      connection: { ...connection, autoResubscribe: false },
    });
    this.#subscriber.on('ready', () => void this.#subscribe());
    this.#subscriber.on('error', (error: Error) => this.#logger.debug({ err: error }, 'redis subscriber'));
    this.#subscriber.on('message', (_channel: string, message: string) => this.#tell(message));
  }

  async useNonce(use: NonceUse, nowMs: number): Promise<boolean> {
    if (use.expiresAtMs <= nowMs) return false;
    const key = `${this.#prefix}nonce:${use.nonce}`;
    const fresh = await this.#ask(
      this.#redis.rollcallUseNonce(key, use.nc, digestOf(use.requestKey), use.expiresAtMs),
    );
    return fresh === 1;
  }

  async countFailure(failure: Failure, limits: FailureLimits, nowMs: number): Promise<readonly Lockout[]> {
    const { realm, username, source } = failure;
    const made = await this.#ask(
      this.#redis.rollcallCountFailure(
        `${this.#prefix}failures:${digestOf(`${source}\n${realm}\n${username}`)}`,
        `${this.#prefix}failures:${digestOf(source)}`,
        this.#lockoutsKey,
        limits.perUser,
        limits.perSource,
        limits.windowMs,
        nowMs,
        JSON.stringify([source, realm, username]),
        JSON.stringify([source, '', '']),
        this.#channel,
        maxLockoutsKept,
      ),
    );
    return made.map(readLockout).filter((lockout) => lockout !== undefined);
  }

  onLockout(listen: (lockout: Lockout) => void): void {
    this.#listeners.push(listen);
  }

  check(): string | undefined {
    return this.#problem;
  }

  close(): Promise<void> {
    this.#redis.disconnect();
    this.#subscriber.disconnect();
    return Promise.resolve();
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw storeFault(error);
    }
  }

  #onReady(): void {
    this.#problem = undefined;
    this.#outages.ready();
    void this.#tellInForce();
  }

  /** Every failed attempt to connect ends with this event too; its reason is known by then. */
  #onClose(): void {
    if (this.#problem !== undefined) return;
    this.#problem = 'the connection was lost';
    this.#logger.warn('the connection to Redis was lost');
  }

  #onProblem(problem: string): void {
    this.#problem = problem;
    this.#outages.failed(problem);
  }

  /** Listens for lock-outs, and then reads those that were told while nobody listened. */
  async #subscribe(): Promise<void> {
    try {
      await this.#subscriber.subscribe(this.#channel);
    } catch (error) {
      this.#logger.warn({ err: error }, 'lock-outs of other replicas are not heard');
    }
    await this.#tellInForce();
  }

  /** Whichever of the two connections is there last finds the other one ready. */
  async #tellInForce(): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    try {
      const inForce = await this.#redis.zrangebyscore(
        this.#lockoutsKey,
        this.#clock.nowMs(),
        '+inf',
        'WITHSCORES',
      );
      for (let i = 0; i + 1 < inForce.length; i += 2) this.#tell(`${inForce[i + 1]} ${inForce[i]}`);
    } catch (error) {
      this.#logger.warn({ err: error }, 'lock-outs of other replicas are not heard');
    }
  }

  #tell(message: string): void {
    const lockout = readLockout(message);
    if (lockout === undefined) return;
    for (const listen of this.#listeners) listen(lockout);
  }
}

/** A short name for a text of any bytes and length: no text can reach into another key. */
function digestOf(text: string): string {
  return hash('sha256', Buffer.from(text, 'latin1'), 'base64url').slice(0, 22);
}

/** Reads "<untilMs> [source, realm, username]"; undefined for anything else. */
function readLockout(message: string): Lockout | undefined {
  const blank = message.indexOf(' ');
  const untilMs = Number(message.slice(0, blank));
  try {
    const names: unknown = JSON.parse(message.slice(blank + 1));
    if (!Array.isArray(names) || !Number.isFinite(untilMs)) return undefined;
    const [source, realm, username] = names.map(String);
    if (source === undefined || realm === undefined || username === undefined) return undefined;
    return { source, realm, username, untilMs };
  } catch {
    return undefined;
  }
}

function storeFault(cause: unknown): ServiceFault {
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'AUTH_STORE_UNAVAILABLE', 'redis does not answer', {
    retryAfterMs: 1000,
    cause,
  });
}
