import { createLogger, Metrics, systemClock } from '@rollcall/runtime';
import { BindingTable } from '../src/binding-table.ts';
import { type BindingEvent, ChangeFeed } from '../src/change-feed.ts';
import { readLocationConfig } from '../src/config.ts';
import { ExpirySweep } from '../src/expiry-sweep.ts';
import { addLocationMetrics } from '../src/metrics.ts';
import type { BindingStore } from '../src/store/binding-store.ts';
import { openStore } from '../src/store/open-store.ts';

const logger = createLogger({ service: 'location', level: 'silent', format: 'json' });

/** A store as one location process opens it. */
export function openTestStore(
  url: string,
  minReplicasAck = 0,
  metrics = new Metrics(),
  watchHistory = 1024,
  env: NodeJS.ProcessEnv = {},
): BindingStore {
  const settings = readLocationConfig({ LOCATION_STORE: url, ...env });
  return openStore(settings.store, {
    settings,
    tls: undefined,
    minReplicasAck,
    cacheSize: 1000,
    watchHistory,
    clock: systemClock,
    logger,
    metrics: addLocationMetrics(metrics),
  });
}

/** A store whose keys begin with something of its own. */
export function openPrefixedStore(url: string, prefix: string): BindingStore {
  return openTestStore(url, 0, new Metrics(), 1024, { LOCATION_STORE_KEY_PREFIX: prefix });
}

/** What one location process has around its store. */
export interface TestTable {
  readonly table: BindingTable;
  readonly events: BindingEvent[];
  readonly sweep: ExpirySweep;
  /** Resolves with the next event of this kind for the AOR, past or to come. */
  event(aor: string, change: BindingEvent['change']): Promise<BindingEvent>;
}

/** A binding table over a store; its sweep is not started. */
export function openTestTable(store: BindingStore): TestTable {
  const metrics = addLocationMetrics(new Metrics());
  const clock = systemClock;
  const feed = new ChangeFeed(logger);
  const table = new BindingTable({ store, clock, feed, metrics });
  const events: BindingEvent[] = [];
  feed.subscribe((event) => events.push(event));
  return {
    table,
    events,
    sweep: new ExpirySweep({ store, table, clock, logger, metrics }),
    event: (aor, change) =>
      new Promise((resolve) => {
        const isIt = (event: BindingEvent) => event.aor === aor && event.change === change;
        const past = events.find(isIt);
        if (past !== undefined) resolve(past);
        feed.subscribe((event) => {
          if (isIt(event)) resolve(event);
        });
      }),
  };
}

let aors = 0;

/** An AOR that no other test uses. */
export function newAor(): string {
  aors += 1;
  return `sip:user${aors}@${process.pid}.test`;
}

/** When a test's caller stops waiting. */
export const farAway = Number.MAX_SAFE_INTEGER;
