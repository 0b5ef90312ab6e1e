import { openRedisTls } from '@rollcall/redis';
import type { LocationApiCalls, LocationCalls } from '@rollcall/rpc';
import {
  aorInLogs,
  type Clock,
  type Logger,
  type Metrics,
  type ReadinessCheck,
  type Tracing,
} from '@rollcall/runtime';
import { createDeleteHandlers } from './api/delete-handler.ts';
import { createGetHandlers } from './api/get-handlers.ts';
import { createListHandler } from './api/list-handler.ts';
import { createApplyHandler } from './apply-handler.ts';
import { BindingTable } from './binding-table.ts';
import { ChangeFeed } from './change-feed.ts';
import { logChanges } from './change-log.ts';
import type { LocationStoreConfig } from './config.ts';
import { createEndFlowsHandler } from './end-flows-handler.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { createLookUpHandler } from './look-up-handler.ts';
import { addLocationMetrics } from './metrics.ts';
import { openStore } from './store/open-store.ts';
import { StoreTraces } from './store-traces.ts';
import { createWatchHandler } from './watch/watch-handler.ts';

/** What location is made of. */
export interface LocationParts {
  readonly config: LocationStoreConfig & { readonly logAor: 'hash' | 'plain' };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Traces what is asked of the store; undefined for none. */
  readonly tracing?: Tracing | undefined;
}

/** A location service that runs. */
export interface Location {
  /** For our own services. */
  readonly calls: LocationCalls;
  /** For everyone. */
  readonly api: LocationApiCalls;
  /** What this process changes in the table. */
  readonly changes: Pick<ChangeFeed, 'subscribe'>;
  readonly checks: readonly ReadinessCheck[];
  /** Ends the sweep and leaves the store. */
  close(): Promise<void>;
}

/** Puts location together and starts the sweep. */
export function composeLocation(parts: LocationParts): Location {
  const { config, clock, logger } = parts;
  const metrics = addLocationMetrics(parts.metrics);
  const feed = new ChangeFeed(logger);
  if (config.logChanges) logChanges(feed, logger, aorInLogs(config.logAor));
  const store = openStore(config.store, {
    settings: config,
    tls:
      config.store.kind === 'memory'
        ? undefined
        : openRedisTls('LOCATION_STORE', config.store, config, parts),
    minReplicasAck: config.minReplicasAck,
    cacheSize: config.cacheSize,
    watchHistory: config.watchHistory,
    clock,
    logger,
    metrics,
  });
  const table = new BindingTable({
    store,
    clock,
    feed,
    metrics,
    traces: parts.tracing === undefined ? undefined : new StoreTraces(parts.tracing, config.store.kind),
  });
  const sweep = new ExpirySweep({ store, table, clock, logger, metrics });
  sweep.start();
  const watches = createWatchHandler({ store, clock, logger, metrics });
  return {
    calls: {
      apply: createApplyHandler(table, clock),
      endFlows: createEndFlowsHandler(table, clock),
      lookUp: createLookUpHandler(table, clock),
    },
    api: {
      ...createGetHandlers(table, clock),
      ...createListHandler(store, clock),
      ...createDeleteHandlers({ table, clock, logger, nameAor: aorInLogs(config.logAor) }),
      watchRegistrations: watches.watchRegistrations,
    },
    changes: feed,
    checks: config.store.kind === 'memory' ? [] : [{ name: 'redis', check: () => store.check() }],
    close: async () => {
      await watches.close();
      await sweep.stop();
      await store.close();
    },
  };
}
