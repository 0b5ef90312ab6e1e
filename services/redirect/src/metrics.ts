import { type CounterSeries, type HistogramSeries, type Metrics, stepBuckets } from '@rollcall/runtime';
import type { ResolveOutcome } from './proto-mapping.ts';

const outcomes = ['found', 'not_found', 'not_registered', 'bad_request', 'unavailable'] as const;
const contactsBuckets = [1, 2, 3, 5, 10, 20];

type Outcome = (typeof outcomes)[number];

/** All metrics of the redirect service. */
export interface RedirectMetrics {
  /** Counts one request. */
  count(outcome: ResolveOutcome, durationMs: number): void;
}

/** Registers the metrics of the redirect service. */
export function createRedirectMetrics(metrics: Metrics): RedirectMetrics {
  const lookups = metrics.counter({
    name: 'rollcall_redirect_lookups_total',
    help: 'Requests to be redirected, by what came of them.',
    labels: { outcome: outcomes },
  });
  const durations = metrics.histogram({
    name: 'rollcall_redirect_lookup_duration_seconds',
    help: 'Time from a request to its outcome in the redirect service.',
    labels: { outcome: outcomes },
    buckets: stepBuckets,
    preCreate: false,
  });
  const contacts = metrics
    .histogram({
      name: 'rollcall_redirect_contacts',
      help: 'Contacts of a target set.',
      buckets: contactsBuckets,
    })
    .with({});
  // Series are resolved once: a look-up by labels for each message would cost as much as the rest of the counting.
  const followed = new Map<Outcome, { total: CounterSeries; duration: HistogramSeries }>();
  const follow = (outcome: Outcome) => {
    const series = { total: lookups.with({ outcome }), duration: durations.with({ outcome }) };
    followed.set(outcome, series);
    return series;
  };
  return {
    count(outcome, durationMs) {
      const label = outcomeOf(outcome);
      const series = followed.get(label) ?? follow(label);
      series.total.inc();
      series.duration.observe(durationMs / 1000);
      if (outcome.kind === 'redirected') contacts.observe(outcome.targets.length);
    },
  };
}

function outcomeOf(outcome: ResolveOutcome): Outcome {
  if (outcome.kind === 'redirected') return 'found';
  if (outcome.status === 404) return 'not_found';
  if (outcome.status === 480) return 'not_registered';
  return outcome.status >= 500 ? 'unavailable' : 'bad_request';
}
