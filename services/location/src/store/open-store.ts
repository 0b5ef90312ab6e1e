import type { RedisSettings, RedisTls } from '@rollcall/redis';
import type { Clock, Logger } from '@rollcall/runtime';
import type { LocationMetrics } from '../metrics.ts';
import type { BindingStore } from './binding-store.ts';
import { MemoryBindingStore } from './memory-binding-store.ts';
import { RedisBindingStore } from './redis-binding-store.ts';
import type { StoreTarget } from './store-target.ts';

/** Opens the store that the configuration names. */
export function openStore(
  target: StoreTarget,
  parts: {
    settings: RedisSettings;
    tls: RedisTls | undefined;
    minReplicasAck: number;
    cacheSize: number;
    watchHistory: number;
    clock: Clock;
    logger: Logger;
    metrics: LocationMetrics;
  },
): BindingStore {
  return target.kind === 'memory'
    ? new MemoryBindingStore({ ...parts, maxAors: target.maxAors })
    : new RedisBindingStore({ ...parts, target });
}
