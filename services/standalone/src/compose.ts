import { randomBytes } from 'node:crypto';
import { composeAuth } from '@rollcall/auth';
import { composeEdge, type RunningEdge } from '@rollcall/edge';
import { composeLocation, type Location } from '@rollcall/location';
import { composeRedirect } from '@rollcall/redirect';
import { composeRegistrar } from '@rollcall/registrar';
import { tracedService } from '@rollcall/rpc';
import type { Chassis, ReadinessCheck } from '@rollcall/runtime';
import type { StandaloneConfig } from './config.ts';

/** All five services in one process. */
export interface RunningStandalone {
  readonly edge: RunningEdge;
  readonly location: Location;
  readonly checks: readonly ReadinessCheck[];
  close(): Promise<void>;
}

/**
 * Composes the five services: the same parts as in processes of their own, but each calls the next one directly.
 *
 * @throws ConfigError where the subscribers cannot be read; ListenError where an address cannot be had
 */
export async function composeStandalone(
  config: StandaloneConfig,
  chassis: Chassis,
): Promise<RunningStandalone> {
  const { clock, logger, metrics, tracing } = chassis;
  const { tracer } = chassis.grpc;
  const parts = { clock, logger, metrics };
  const { logAor } = config.process;
  const gruuSecrets = config.registrar.gruuSecrets;
  // Registrar and redirect share them: random ones will do where both end together.
  const shared = gruuSecrets.length > 0 ? gruuSecrets : [randomBytes(32).toString('base64url')];
  const location = composeLocation({ ...parts, tracing, config: { ...config.location, logAor } });
  const auth = await composeAuth({
    ...{ ...parts, config: config.auth },
    nonceSecretsPath: config.nonceSecretsPath,
  });
  const inner = {
    auth: tracedService('auth', auth.calls, tracer),
    location: tracedService('location', location.calls, tracer),
  };
  const registrar = composeRegistrar({
    ...parts,
    config: { ...config.registrar, gruuSecrets: shared, logAor },
    ...inner,
    registrations: { ...location.api, whenReady: async () => undefined },
    instance: 'standalone',
  });
  const redirect = composeRedirect({
    ...parts,
    config: { ...config.redirect, gruuSecrets: shared, logAor },
    ...inner,
  });
  const behindEdge = [redirect, registrar, auth, location];
  const closeInner = async () => {
    for (const each of behindEdge) await each.close();
  };
  try {
    const edge = await composeEdge({
      ...parts,
      config: config.edge,
      tracing,
      registrar: tracedService('registrar', registrar.calls, tracer),
      redirect: tracedService('redirect', redirect.calls, tracer),
    });
    return {
      edge,
      location,
      checks: [...location.checks, ...auth.checks, ...registrar.checks, ...redirect.checks],
      close: async () => {
        await edge.close();
        await closeInner();
      },
    };
  } catch (error) {
    await closeInner();
    throw error;
  }
}
