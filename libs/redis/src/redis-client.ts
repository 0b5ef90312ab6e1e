import type { ConnectionOptions } from 'node:tls';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from './redis-target.ts';
import type { RedisTls } from './redis-tls.ts';
import type { RedisSettings } from './redis-variables.ts';

/** A client of one server, or of the nodes of a cluster. */
export type RedisClient = Redis | Cluster;

/** What a client is made of. */
export interface RedisClientParts {
  readonly target: RedisTarget;
  readonly settings: RedisSettings;
  /** Needed where the target uses TLS. */
  readonly tls: RedisTls | undefined;
  /** How its user wants each connection. */
  readonly connection: Omit<RedisOptions, 'replyMapping'>;
  /** How its user wants a cluster besides. */
  readonly cluster?: Omit<ClusterOptions, 'redisOptions'>;
}

/** Opens a client; it connects in the background, and comes back by itself. */
export function openRedis({ target, settings, tls, connection, cluster }: RedisClientParts): RedisClient {
  const tlsOptions = target.tls && tls !== undefined ? optionsOf(tls, settings.storeServerName) : undefined;
  const password = target.password ?? (settings.storePassword || undefined);
  const sentinelPassword = target.sentinelPassword ?? (settings.storeSentinelPassword || undefined);
  const options = {
    ...connection,
    connectTimeout: settings.storeConnectTimeoutMs,
    db: target.database,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(password === undefined ? {} : { password }),
    ...(tlsOptions === undefined ? {} : { tls: tlsOptions }),
  };
  const nodes = target.nodes.map(({ host, port }) => ({ host, port }));
  switch (target.kind) {
    case 'redis':
      return new Redis({ ...options, ...nodes[0] });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: nodes,
        name: target.masterName,
        failoverDetector: true,
        ...(tlsOptions === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions }),
        ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      });
    case 'cluster':
      return new Cluster(nodes, { ...cluster, redisOptions: options });
  }
}

/**
 * The library copies these into the options of each connection that it makes: what is a getter is asked each time.
 */
function optionsOf(tls: RedisTls, serverName: string): ConnectionOptions {
  return {
    get secureContext() {
      return tls.context;
    },
    ...(serverName === '' ? {} : { servername: serverName }),
  };
}
