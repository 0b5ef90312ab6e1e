import { TemporaryGruus } from '@rollcall/gruu';
import type { AuthCalls, LocationCalls, RedirectCalls } from '@rollcall/rpc';
import { aorInLogs, type Clock, type Logger, type Metrics, type ReadinessCheck } from '@rollcall/runtime';
import { AddressBook } from './address-book.ts';
import type { RedirectPolicyConfig } from './config.ts';
import { createRedirectMetrics } from './metrics.ts';
import { ResolveHandler } from './resolve-handler.ts';

/** What a redirect service is made of. */
export interface RedirectParts {
  readonly config: RedirectPolicyConfig & {
    readonly logAor: 'hash' | 'plain';
    /** Those of the registrar, which gives out the temporary GRUUs that are opened here. */
    readonly gruuSecrets: readonly string[];
  };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly auth: Pick<AuthCalls, 'resolveAddress'>;
  readonly location: Pick<LocationCalls, 'lookUp'>;
  /** From 0 up to 1; Math.random unless a test wants to know better. */
  readonly random?: () => number;
}

/** A redirect service that runs. */
export interface Redirect {
  readonly calls: RedirectCalls;
  readonly checks: readonly ReadinessCheck[];
  close(): Promise<void>;
}

/** Puts a redirect service together. */
export function composeRedirect(parts: RedirectParts): Redirect {
  const { config, clock, logger, location, auth } = parts;
  const handler = new ResolveHandler({
    sources: { location, addresses: new AddressBook(auth, clock), unknownAs480: config.unknownAs480 },
    gruus: new TemporaryGruus(config.gruuSecrets),
    clock,
    logger,
    metrics: createRedirectMetrics(parts.metrics),
    nameAor: aorInLogs(config.logAor),
    random: parts.random ?? Math.random,
  });
  return {
    calls: { resolve: handler.resolve },
    // It has nothing of its own that could be unready; whether it reaches location and auth is for main to say.
    checks: [],
    close: async () => undefined,
  };
}
