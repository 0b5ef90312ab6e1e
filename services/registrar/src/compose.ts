import type { WatchApi } from '@rollcall/client';
import { TemporaryGruus } from '@rollcall/gruu';
import type { AuthCalls, LocationCalls, RegistrarCalls } from '@rollcall/rpc';
import { aorInLogs, type Clock, type Logger, type Metrics, type ReadinessCheck } from '@rollcall/runtime';
import { ChallengeStock } from './challenge-stock.ts';
import type { RegistrarPolicyConfig } from './config.ts';
import { FailureReports } from './failure-reports.ts';
import { LockoutTable } from './lockout-table.ts';
import { createRegistrarMetrics } from './metrics.ts';
import { RegisterHandler } from './register-handler.ts';
import { SubscribeHandler } from './subscribe-handler.ts';
import { SubscriberWatch } from './subscriber-watch.ts';
import { VectorAuthenticator } from './vector-authenticator.ts';
import { VectorCache } from './vector-cache.ts';
import { VerifyAuthenticator } from './verify-authenticator.ts';
import {
  createWatchRegistrationHandler,
  type WatchRegistrationHandler,
} from './watch-registration-handler.ts';
import { ContactWriter } from './watched-contact.ts';
import { Watchers } from './watchers.ts';

/** What a registrar is made of. */
export interface RegistrarParts {
  readonly config: RegistrarPolicyConfig & { readonly logAor: 'hash' | 'plain' };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly auth: AuthCalls;
  readonly location: LocationCalls;
  /** Location's public API, for what watchers are told. */
  readonly registrations: WatchApi;
  /** Name of this instance, for auth's log. */
  readonly instance: string;
  /** From 0 up to 1; Math.random unless a test wants to know better. */
  readonly random?: () => number;
}

/** A registrar that runs. */
export interface Registrar {
  readonly calls: RegistrarCalls;
  readonly checks: readonly ReadinessCheck[];
  close(): Promise<void>;
}

/** Puts a registrar together and starts to listen to auth. */
export function composeRegistrar(parts: RegistrarParts): Registrar {
  const { config, clock, logger, auth, location } = parts;
  const random = parts.random ?? Math.random;
  const lockouts = new LockoutTable(clock);
  const vectors = new VectorCache({ auth, clock, size: config.vectorCacheSize });
  const challenges = new ChallengeStock({ auth, clock });
  const watch: SubscriberWatch = new SubscriberWatch({
    auth,
    clock,
    random,
    watcher: parts.instance,
    listener: {
      onSnapshot: () => {
        vectors.drop([]);
        challenges.clear();
        watches.review([]);
      },
      onInvalidated: (subscribers) => {
        vectors.drop(subscribers);
        watches.review(subscribers);
      },
      onLockout: (realm, username, source, durationMs) => lockouts.set(realm, username, source, durationMs),
      onLiveChanged: (live) =>
        live
          ? logger.debug('auth is heard')
          : logger.warn('auth is not heard; each vector is asked for again'),
    },
  });
  const metrics = createRegistrarMetrics(parts.metrics, {
    vectors: () => vectors.size,
    watchLive: () => watch.live,
    watches: () => watches.count(),
  });
  const authenticator =
    config.authMode === 'verify'
      ? new VerifyAuthenticator({
          auth,
          algorithms: () => watch.facts?.algorithms ?? [],
          provesKnowledge: config.authenticationInfo,
        })
      : new VectorAuthenticator({
          auth,
          clock,
          watch,
          vectors,
          lockouts,
          challenges,
          metrics,
          failures: new FailureReports(auth, lockouts),
          graceSec: config.vectorGraceSec,
          provesKnowledge: config.authenticationInfo,
        });
  const gruus = new TemporaryGruus(config.gruuSecrets);
  const handler = new RegisterHandler({
    authenticator,
    challenges,
    watch,
    location,
    policy: config,
    gruus,
    clock,
    logger,
    metrics,
    random,
    nameAor: aorInLogs(config.logAor),
  });
  const watchers = new Watchers(auth);
  const subscribing = new SubscribeHandler({
    authenticator,
    challenges,
    watch,
    watchers,
    location,
    policy: config,
    clock,
    logger,
    metrics,
    random,
  });
  const watches: WatchRegistrationHandler = createWatchRegistrationHandler({
    api: parts.registrations,
    writer: new ContactWriter({ gruus, clock }),
    clock,
    mayStillWatch: (granted, context) => watchers.mayStillWatch(granted, context),
  });
  watch.start();
  return {
    // Edges never talk to auth: their leases are relayed.
    calls: {
      register: handler.register,
      // Which bindings a flow had is location's to know; edges do not talk to it.
      endFlows: (request, context) => location.endFlows(request, context),
      leaseChallenges: (request, context) => auth.leaseChallenges(request, context),
      subscribe: subscribing.subscribe,
      watchRegistration: watches.watchRegistration,
    },
    checks: [
      { name: 'auth', check: () => (watch.facts === undefined ? 'auth has not been heard yet' : undefined) },
    ],
    close: async () => {
      watches.close();
      watch.close();
    },
  };
}
