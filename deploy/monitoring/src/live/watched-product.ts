import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentTls,
  findFreePort,
  type RunningRedis,
  type ServiceName,
  type ServicesCluster,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { type RunningPrometheus, startPrometheus } from '../prometheus.ts';
import { writeSubscribers } from './subscribers.ts';

/** Redis, the five services, and a Prometheus that watches them with our rules. */
export interface WatchedProduct {
  /** For files of this run. */
  readonly folder: string;
  readonly redis: RunningRedis;
  readonly services: ServicesCluster;
  /** Where SIP over TLS is served, and what makes its clients trust it. */
  readonly secure: { readonly host: string; readonly port: number; readonly trust: AgentTls };
  readonly prometheus: RunningPrometheus;
  stop(): Promise<void>;
}

/** Starts all of it. */
export async function startWatchedProduct(
  options: {
    /** Writes other rules than those that are committed, and gives the pattern of their files. */
    makeRules?: (folder: string) => string;
    env?: Readonly<Record<string, string>>;
    /** True: Redis keeps its data over a crash. */
    durable?: boolean;
    /** Called for each line that a service writes. */
    onLine?: (service: ServiceName, line: string, folder: string) => void;
  } = {},
): Promise<WatchedProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-live-'));
  const parts: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const redis = await startRedis({ durable: options.durable ?? false });
    parts.push(redis);
    const authority = await TestAuthority.create();
    const { cert, key } = await authority.issue({ dns: ['example.com'] });
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    const trust = { ca: authority.cert, serverName: 'example.com' };
    const secure = { host: '127.0.0.1', port: await findFreePort(), trust };
    const services = await startServices({
      redisUrl: redis.url,
      env: {
        AUTH_SUBSCRIBERS: `file:${writeSubscribers(folder)}`,
        AUTH_NONCE_SECRETS: 'nonces-of-a-run-that-is-watched',
        // SIPp knows no other.
        AUTH_ALGORITHMS: 'MD5',
        EDGE_TLS_LISTEN: `${secure.host}:${secure.port}`,
        EDGE_TLS_CERT_FILE: join(folder, 'tls.crt'),
        EDGE_TLS_KEY_FILE: join(folder, 'tls.key'),
        ...options.env,
      },
      onLine: (service, line) => options.onLine?.(service, line, folder),
    });
    parts.push(services);
    const prometheus = await startPrometheus({
      port: await findFreePort(),
      targets: services.http,
      ...(options.makeRules === undefined ? {} : { rules: options.makeRules(folder) }),
    });
    parts.push(prometheus);
    return { folder, redis, services, secure, prometheus, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
