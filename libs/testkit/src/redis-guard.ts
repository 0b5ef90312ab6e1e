import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';

/** What servers of a test ask of whoever connects to them. */
export interface RedisGuard {
  readonly password?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  /** TLS only, and no connection without a certificate: PEM files, which serve both sides. */
  readonly tls?: RedisGuardFiles | undefined;
}

/** Paths of PEM files. */
export interface RedisGuardFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Arguments of a redis-server. */
export function serverArguments(port: number, { password, tls }: RedisGuard): string[] {
  const secret = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  if (tls === undefined) return ['--port', String(port), ...secret];
  const settings = { ...tlsSettings(port, tls), 'tls-cluster': 'yes' };
  return [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...secret];
}

/** Lines of a sentinel's file. */
export function sentinelLines(port: number, { sentinelPassword, tls }: RedisGuard): string[] {
  const secret =
    sentinelPassword === undefined
      ? []
      : [`requirepass "${sentinelPassword}"`, `sentinel sentinel-pass "${sentinelPassword}"`];
  if (tls === undefined) return [`port ${port}`, ...secret];
  return [...Object.entries(tlsSettings(port, tls)).map(([name, value]) => `${name} ${value}`), ...secret];
}

/** Arguments of redis-cli. */
export function guardArguments({ password, tls }: RedisGuard): string[] {
  return [
    ...(password === undefined ? [] : ['--no-auth-warning', '-a', password]),
    ...(tls === undefined ? [] : ['--tls', '--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key]),
  ];
}

/** Options of a client. */
export function clientOptions({ password, tls }: RedisGuard): Pick<RedisOptions, 'password' | 'tls'> {
  return {
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined
      ? {}
      : { tls: { ca: readFileSync(tls.ca), cert: readFileSync(tls.cert), key: readFileSync(tls.key) } }),
  };
}

function tlsSettings(port: number, { ca, cert, key }: RedisGuardFiles): Record<string, string> {
  return {
    port: '0',
    'tls-port': String(port),
    'tls-cert-file': cert,
    'tls-key-file': key,
    'tls-ca-cert-file': ca,
    'tls-auth-clients': 'yes',
    'tls-replication': 'yes',
  };
}
