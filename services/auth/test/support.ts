import { computeHa1, computeResponse, readAlgorithm } from '@rollcall/digest';
import type {
  CallContext,
  Challenge,
  Credentials,
  VerifyRequest,
  WatchSubscribersResponse,
} from '@rollcall/rpc';
import { type Clock, createLogger, type Logger, Metrics, systemClock } from '@rollcall/runtime';
import { type Auth, composeAuth } from '../src/compose.ts';
import { type AuthConfig, readAuthConfig } from '../src/config.ts';
import { RedisAuthStore } from '../src/store/redis-auth-store.ts';
import { ListSubscriberStore } from '../src/subscribers/list-subscriber-store.ts';
import { makeSubscriber, type SubscriberEntry } from '../src/subscribers/subscriber.ts';

export const context: CallContext = { timeoutMs: 1000, traceparent: '' };
export const realm = 'example.com';
export const startedAtMs = 1_790_000_000_000;

/** Time that passes when told to. */
export class ManualClock implements Clock {
  #nowMs = startedAtMs;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

/** A logger whose lines are kept. */
export function makeLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ service: 'auth', level: 'trace', format: 'json', destination }), lines };
}

export const algorithms = ['SHA-256', 'MD5'] as const;

export const alice: SubscriberEntry = {
  username: 'alice',
  domain: realm,
  password: 'wonderland',
  numbers: ['+15551230001'],
};
export const assistant: SubscriberEntry = {
  username: 'assistant',
  domain: realm,
  password: 'front desk',
  aors: ['sip:sales@example.com'],
};
export const trunk: SubscriberEntry = { username: 'trunk', domain: realm, networks: ['192.0.2.0/24'] };

export function listOf(...entries: SubscriberEntry[]): ListSubscriberStore {
  return new ListSubscriberStore(entries.map((entry) => makeSubscriber(entry, algorithms)));
}

export interface OpenedAuth {
  readonly auth: Auth;
  readonly clock: ManualClock;
  readonly subscribers: ListSubscriberStore;
  readonly metrics: Metrics;
  readonly lines: string[];
}

export function configOf(env: Record<string, string> = {}): AuthConfig {
  return readAuthConfig({ AUTH_NONCE_SECRETS: 'a secret-of-the-tests-only'.replaceAll(' ', '-'), ...env });
}

/** Auth over alice, an assistant with two AORs, and a trunk. */
export async function openAuth(env: Record<string, string> = {}): Promise<OpenedAuth> {
  const clock = new ManualClock();
  const { logger, lines } = makeLogger();
  const metrics = new Metrics();
  const subscribers = listOf(alice, assistant, trunk);
  const auth = await composeAuth({ config: configOf(env), clock, logger, metrics, subscribers });
  return { auth, clock, subscribers, metrics, lines };
}

export async function challengeOf(auth: Auth, domain = realm): Promise<Challenge> {
  const { lease } = await auth.calls.leaseChallenges({ domain, count: 1 }, context);
  const nonce = lease?.nonces[0];
  if (lease === undefined || nonce === undefined) throw new Error(`no challenge for ${domain}`);
  const { opaque, algorithms: offered, qop } = lease;
  return { realm: domain, nonce, opaque, algorithms: offered, qop, stale: false };
}

/** What a phone answers to a challenge. */
export function answer(
  challenge: Challenge,
  username: string,
  password: string,
  change: Partial<Credentials> = {},
): Credentials {
  const credentials = {
    username,
    realm: challenge.realm,
    nonce: challenge.nonce,
    uri: `sip:${challenge.realm}`,
    algorithm: challenge.algorithms[0] ?? 'MD5',
    cnonce: '0a4f113b',
    nc: '00000001',
    qop: 'auth',
    opaque: challenge.opaque,
    userhash: false,
    ...change,
  };
  const parameter = readAlgorithm(credentials.algorithm);
  if (parameter === undefined) throw new Error(`no algorithm ${credentials.algorithm}`);
  const ha1 = computeHa1(parameter.algorithm, username, challenge.realm, password);
  const parts = { ...credentials, ...parameter, method: 'REGISTER', body: Buffer.alloc(0) };
  return { response: computeResponse(ha1, parts), ...credentials };
}

export function verifyRequest(
  credentials: Credentials | undefined,
  change: Partial<VerifyRequest> = {},
): VerifyRequest {
  return {
    credentials,
    method: 'REGISTER',
    realm,
    source: '198.51.100.7',
    body: Buffer.alloc(0),
    requestKey: 'request 1',
    useNonce: false,
    wantsResponseAuth: false,
    requestUri: 'sip:example.com',
    aor: 'sip:alice@example.com',
    ...change,
  };
}

/** Keeps what a watch tells. */
export class RecordingSink {
  readonly events: WatchSubscribersResponse[] = [];
  ended = 0;
  #waiting: { wanted: string; resolve: (event: WatchSubscribersResponse) => void }[] = [];

  onEvent(event: WatchSubscribersResponse): void {
    this.events.push(event);
    const kind = event.event?.$case;
    for (const { resolve } of this.#waiting.filter(({ wanted }) => wanted === kind)) resolve(event);
    this.#waiting = this.#waiting.filter(({ wanted }) => wanted !== kind);
  }

  onEnd(): void {
    this.ended += 1;
  }

  /** The next event of a kind. */
  next(wanted: string): Promise<WatchSubscribersResponse> {
    return new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
  }

  kinds(): (string | undefined)[] {
    return this.events.map(({ event }) => event?.$case);
  }
}

/** The store of a Redis, a group of sentinels or a cluster; `env` has more of its variables. */
export function makeRedisStore(url: string, env: NodeJS.ProcessEnv = {}): RedisAuthStore {
  const settings = readAuthConfig({ AUTH_STORE: url, ...env });
  const { store: target } = settings;
  if (target.kind === 'memory') throw new Error(`no Redis: ${url}`);
  return new RedisAuthStore({
    ...{ target, settings, tls: undefined, clock: systemClock },
    logger: makeLogger().logger,
  });
}
