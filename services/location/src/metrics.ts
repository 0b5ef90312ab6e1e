import {
  type CounterSeries,
  type GaugeSeries,
  type HistogramSeries,
  type Metrics,
  stepBuckets,
} from '@rollcall/runtime';
import type { RecordWrite } from './store/binding-store.ts';

const changes = ['created', 'refreshed', 'removed', 'deactivated', 'expired', 'flow_failed'] as const;
const operations = ['get', 'save', 'sweep', 'list', 'log'] as const;
const outcomes = ['success', 'conflict', 'error'] as const;

/** One command to the store. */
export type StoreOperation = (typeof operations)[number];

/** How it ended. */
export type StoreOutcome = (typeof outcomes)[number];

/** What location counts. */
export interface LocationMetrics {
  countChanges(changes: RecordWrite['changes']): void;
  /** A compare-and-set met a record that another process had changed meanwhile. */
  readonly conflicts: CounterSeries;
  /** A compare-and-set met a record that this process did not remember, or not as it is. */
  readonly staleGuesses: CounterSeries;
  readonly watches: GaugeSeries;
  readonly watchEvents: CounterSeries;
  /** From the writing of a change to its leaving for a watcher, in seconds. */
  readonly watchLag: HistogramSeries;
  readonly watchResyncs: { readonly slowConsumer: CounterSeries; readonly compacted: CounterSeries };
  readonly expiryBacklog: GaugeSeries;
  readonly expiryLag: HistogramSeries;
  readonly aors: GaugeSeries;
  readonly bindings: GaugeSeries;
  readonly connected: GaugeSeries;
  readonly pendingCommands: GaugeSeries;
  readonly reconnects: CounterSeries;
  /** Another server took over from a master. */
  readonly failovers: CounterSeries;
  observeStore(operation: StoreOperation, outcome: StoreOutcome, seconds: number): void;
}

/** Adds location's metrics to the process. */
export function addLocationMetrics(metrics: Metrics): LocationMetrics {
  const events = metrics.counter({
    name: 'rollcall_binding_events_total',
    help: 'Changes of bindings that this process has written; deactivated: removed by the operator.',
    labels: { event: changes },
  });
  const byChange = {
    created: events.with({ event: 'created' }),
    refreshed: events.with({ event: 'refreshed' }),
    removed: events.with({ event: 'removed' }),
    deactivated: events.with({ event: 'deactivated' }),
    expired: events.with({ event: 'expired' }),
    'flow-failed': events.with({ event: 'flow_failed' }),
  };
  return {
    countChanges: (list) => {
      for (const { change } of list) byChange[change].inc();
    },
    ...addWatchMetrics(metrics),
    ...addTableMetrics(metrics),
    ...addStoreMetrics(metrics),
  };
}

function addWatchMetrics(metrics: Metrics) {
  const resyncs = metrics.counter({
    name: 'rollcall_watch_resyncs_total',
    help: 'Watches that had to start over: slow_consumer = the reader did not keep up; compacted = changes since its token were no longer known.',
    labels: { reason: ['slow_consumer', 'compacted'] },
  });
  return {
    watches: metrics.gauge({ name: 'rollcall_watch_streams', help: 'Watches that run here.' }).with({}),
    watchEvents: metrics
      .counter({
        name: 'rollcall_watch_events_sent_total',
        help: 'Events told to watches, the initial state included.',
      })
      .with({}),
    watchLag: metrics
      .histogram({
        name: 'rollcall_watch_lag_seconds',
        help: 'From the writing of a change to its leaving for a watcher. Of those before the watch began, the initial state and what a resumed one has missed, none is counted.',
        buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      })
      .with({}),
    watchResyncs: {
      slowConsumer: resyncs.with({ reason: 'slow_consumer' }),
      compacted: resyncs.with({ reason: 'compacted' }),
    },
  };
}

function addTableMetrics(metrics: Metrics) {
  const retries = metrics.counter({
    name: 'rollcall_store_retries_total',
    help: 'Updates decided anew: conflict = another process had changed the record; stale = this one did not know it.',
    labels: { reason: ['conflict', 'stale'] },
  });
  return {
    conflicts: retries.with({ reason: 'conflict' }),
    staleGuesses: retries.with({ reason: 'stale' }),
    expiryBacklog: metrics
      .gauge({
        name: 'rollcall_expiry_backlog',
        help: 'AORs due at the last look of this process; more than a sweep takes at once after a mass expiry.',
      })
      .with({}),
    expiryLag: metrics
      .histogram({
        name: 'rollcall_expiry_lag_seconds',
        help: 'How long after its expiry a binding was taken out and announced.',
        buckets: [0.25, 0.5, 1, 1.5, 2, 5, 10, 60],
      })
      .with({}),
    aors: metrics
      .gauge({
        name: 'rollcall_store_aors',
        help: 'AORs with bindings in the store. Every location process says the same: aggregate with max.',
      })
      .with({}),
    bindings: metrics
      .gauge({
        name: 'rollcall_store_bindings',
        help: 'Bindings in the store. Every location process says the same: aggregate with max.',
      })
      .with({}),
  };
}

function addStoreMetrics(metrics: Metrics) {
  const durations = metrics.histogram({
    name: 'rollcall_store_operation_duration_seconds',
    help: 'Commands to the store, from asking to the answer; its count is the number of commands.',
    labels: { operation: operations, outcome: outcomes },
    buckets: stepBuckets,
    preCreate: false,
  });
  // Resolved once: the hot path must not build label keys. Only a compare-and-set can meet a conflict.
  const possible = (operation: StoreOperation) =>
    outcomes.filter((outcome) => outcome !== 'conflict' || operation === 'save');
  const series = new Map(
    operations.map((operation) => [
      operation,
      new Map(possible(operation).map((outcome) => [outcome, durations.with({ operation, outcome })])),
    ]),
  );
  return {
    connected: metrics
      .gauge({ name: 'rollcall_store_connected', help: '1 while the store answers.' })
      .with({}),
    pendingCommands: metrics
      .gauge({
        name: 'rollcall_store_pending_commands',
        help: 'Commands that the store has not answered yet.',
      })
      .with({}),
    reconnects: metrics
      .counter({ name: 'rollcall_store_reconnects_total', help: 'Connections to the store made anew.' })
      .with({}),
    failovers: metrics
      .counter({
        name: 'rollcall_store_failovers_total',
        help: 'Masters of the store that have taken over from another, as this process saw by their addresses. Every location process sees them: aggregate with max.',
      })
      .with({}),
    observeStore: (operation: StoreOperation, outcome: StoreOutcome, seconds: number) => {
      series.get(operation)?.get(outcome)?.observe(seconds);
    },
  };
}
