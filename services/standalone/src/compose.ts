import { randomBytes } from 'node:crypto';
import { composeAuth } from '@rollcall/auth';
import { composeEdge, type RunningEdge } from '@rollcall/edge';
import { composeLocation, type Location } from '@rollcall/location';
import { composeRedirect } from '@rollcall/redirect';
import { composeRegistrar } from '@rollcall/registrar';
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
  const { clock, logger, metrics } = chassis;
  const parts = { clock, logger, metrics };
  const { logAor } = config.process;
  const gruuSecrets = config.registrar.gruuSecrets;
  // Registrar and redirect share them: random ones will do where both end together.
  const shared = gruuSecrets.length > 0 ? gruuSecrets : [randomBytes(32).toString('base64url')];
  const location = composeLocation({ ...parts, config: { ...config.location, logAor } });
  const auth = await composeAuth({ ...parts, config: config.auth });
  const registrar = composeRegistrar({
    ...parts,
    config: { ...config.registrar, gruuSecrets: shared, logAor },
    auth: auth.calls,
    location: location.calls,
    instance: 'standalone',
  });
  const redirect = composeRedirect({
    ...parts,
    config: { ...config.redirect, gruuSecrets: shared, logAor },
    auth: auth.calls,
    location: location.calls,
  });
  const inner = [redirect, registrar, auth, location];
  const closeInner = async () => {
    for (const each of inner) await each.close();
  };
  try {
    const edge = await composeEdge({
      ...parts,
      config: config.edge,
      registrar: registrar.calls,
      redirect: redirect.calls,
    });
    return {
      edge,
      location,
      checks: [...location.checks, ...auth.checks, ...registrar.checks, ...redirect.checks, ...edge.checks],
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
