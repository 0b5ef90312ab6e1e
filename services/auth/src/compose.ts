import { createHmac, randomBytes } from 'node:crypto';
import { type ChallengePolicy, type DigestAlgorithm, readAlgorithm } from '@rollcall/digest';
import { openRedisTls } from '@rollcall/redis';
import type { AuthCalls } from '@rollcall/rpc';
import type { Clock, Logger, Metrics, ReadinessCheck } from '@rollcall/runtime';
import { Challenges } from './challenges.ts';
import { type AuthPolicyConfig, readSecrets } from './config.ts';
import { LockoutGuard } from './lockout-guard.ts';
import { addAuthMetrics } from './metrics.ts';
import { NonceCounts } from './nonce-counts.ts';
import { NonceSecretsFile } from './nonce-secrets-file.ts';
import { openSubscribers } from './open-subscribers.ts';
import { resolveAddress } from './resolve-address-handler.ts';
import { ServedDomains } from './served-domains.ts';
import type { AuthStore } from './store/auth-store.ts';
import { MemoryAuthStore } from './store/memory-auth-store.ts';
import { RedisAuthStore } from './store/redis-auth-store.ts';
import { SubscriberWatchers } from './subscriber-watchers.ts';
import type { SubscriberStore } from './subscribers/subscriber-store.ts';
import { Vectors } from './vectors.ts';
import { VerifyHandler } from './verify-handler.ts';

/**
 * Names the form of our challenges and carries nothing: it must be the same on every replica and under every key, since
 * a challenge of one is answered at another.
 */
const opaque = 'rc1';

/** What auth is made from. */
export interface AuthParts {
  readonly config: AuthPolicyConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The file of AUTH_NONCE_SECRETS_FILE, which is read again when it changes; undefined for none. */
  readonly nonceSecretsPath?: string | undefined;
  /** Subscribers to use instead of those of AUTH_SUBSCRIBERS; closed with auth. */
  readonly subscribers?: SubscriberStore;
}

/** Auth, ready to be called in this process or to be served. */
export interface Auth {
  readonly calls: AuthCalls;
  readonly checks: readonly ReadinessCheck[];
  close(): Promise<void>;
}

/**
 * Makes auth.
 *
 * @throws ConfigError where a source of subscribers cannot be used
 */
export async function composeAuth(parts: AuthParts): Promise<Auth> {
  const { config, clock, logger } = parts;
  const metrics = addAuthMetrics(parts.metrics);
  const policy = makePolicy(config, logger);
  const algorithms = hashFunctions(config.algorithms);
  const onReload = (result: 'success' | 'failure') => metrics.countReload(result, clock.nowMs());
  const subscribers =
    parts.subscribers ??
    (await openSubscribers(config.subscribers, {
      ...{ algorithms, clock, logger, onReload, password: config.subscribersPassword },
    }));
  const store = openStore(parts);
  const domains = new ServedDomains(config.domains, subscribers);
  // A source that does not answer yet has said so, and nobody knows what it serves.
  if (domains.list().length === 0 && subscribers.check() === undefined)
    logger.warn('no domain is served: there are no subscribers');
  const challenges = new Challenges(policy);
  const nonceCounts = new NonceCounts(challenges, domains, store, clock, metrics);
  const vectors = new Vectors({
    store: subscribers,
    domains,
    algorithms,
    decoySecret: decoySecretOf(policy),
    lifetimeSec: config.vectorLifetimeSec,
    clock,
    metrics,
  });
  const lockouts = new LockoutGuard({
    store,
    clock,
    logger,
    metrics,
    failures: config.lockoutFailures,
    seconds: config.lockoutSec,
    onLockout: (lockout) => watchers.tellLockout(lockout),
  });
  const watchers = new SubscriberWatchers({
    clock,
    logger,
    snapshot: () => {
      const { algorithms: offered, nonceKeys, nonceLifetimeSec, qop } = challenges.policy;
      return {
        ...{ domains: domains.list(), algorithms: [...offered], nonceLifetimeSec, opaque, qop },
        nonceKeys: nonceKeys.map((key) => Buffer.from(key)),
      };
    },
    lockouts: (nowMs) => lockouts.current(nowMs),
    onCount: (count) => metrics.setWatchers(count),
  });
  const countSubscribers = () => metrics.setSubscribers(subscribers.count() ?? 0);
  subscribers.onChange((change) => {
    countSubscribers();
    if (domains.refresh()) watchers.tellSnapshot();
    else watchers.tellInvalidated(change.subscribers);
  });
  countSubscribers();
  const secretsFile =
    parts.nonceSecretsPath === undefined
      ? undefined
      : new NonceSecretsFile({
          ...{ path: parts.nonceSecretsPath, current: config.nonceSecrets, read: readSecrets },
          ...{ clock, logger, onReload },
          onChange: (secrets) => {
            challenges.renewKeys(keysOf(secrets));
            watchers.tellSnapshot();
          },
        });
  const verifier = new VerifyHandler({ challenges, vectors, domains, lockouts, nonceCounts, clock, metrics });
  const calls: AuthCalls = {
    leaseChallenges: async ({ domain, count }) => {
      if (!domains.has(domain)) return { lease: undefined };
      const lease = challenges.lease(domain, count, subscribers.trustedNetworks(domain), clock.nowMs());
      metrics.noncesIssued.inc(lease.nonces.length);
      return { lease };
    },
    getVector: async (request) => {
      const { vector, known } = await vectors.find(request);
      metrics.countVector(known ? 'known' : 'unknown');
      return { vector };
    },
    verify: (request) => verifier.verify(request),
    useNonce: async ({ nonce, nc, requestKey }) => ({ fresh: await nonceCounts.use(nonce, nc, requestKey) }),
    reportFailure: async ({ realm, username, source }) => {
      metrics.countFailureReport();
      return { retryAfterMs: await lockouts.countFailure({ realm, username, source }) };
    },
    resolveAddress: (request) => resolveAddress(request, domains, subscribers),
    watchSubscribers: (watcher, sink) => watchers.watch(watcher, sink),
  };
  return {
    calls,
    checks: [{ name: 'subscribers', check: () => subscribers.check() }],
    close: async () => {
      secretsFile?.close();
      watchers.close();
      await Promise.all([subscribers.close(), store.close()]);
    },
  };
}

function makePolicy(config: AuthPolicyConfig, logger: Logger): ChallengePolicy {
  if (config.nonceSecrets.length === 0) {
    logger.warn(
      'AUTH_NONCE_SECRETS is not set: challenges of this process are good only here and until it ends',
    );
  }
  const nonceKeys = keysOf(config.nonceSecrets);
  return {
    algorithms: config.algorithms,
    qop: config.qop,
    opaque,
    nonceKeys: nonceKeys.length === 0 ? [randomBytes(32)] : nonceKeys,
    nonceLifetimeSec: config.nonceLifetimeSec,
  };
}

function keysOf(secrets: readonly string[]): Uint8Array[] {
  return secrets.map((secret) => Buffer.from(secret, 'utf8'));
}

/** The hash functions behind the algorithms offered: HA1 is the same for an algorithm and its -sess form. */
function hashFunctions(offered: readonly string[]): DigestAlgorithm[] {
  const functions = offered
    .map((name) => readAlgorithm(name)?.algorithm)
    .filter((name) => name !== undefined);
  return [...new Set(functions)];
}

function decoySecretOf({ nonceKeys }: ChallengePolicy): Buffer {
  // Any secret that the replicas share; the nonces' own would do, and this keeps the two uses apart.
  return createHmac('sha256', nonceKeys[0] ?? randomBytes(32))
    .update('users that do not exist')
    .digest();
}

function openStore(parts: AuthParts): AuthStore {
  const { config, clock, logger } = parts;
  const { store: target } = config;
  if (target.kind === 'memory') return new MemoryAuthStore();
  const tls = openRedisTls('AUTH_STORE', target, config, parts);
  return new RedisAuthStore({ target, settings: config, tls, clock, logger });
}
