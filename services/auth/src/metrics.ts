import type { ChallengeReason } from '@rollcall/digest';
import { type CounterSeries, type Metrics, stepBuckets } from '@rollcall/runtime';

const algorithms = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
  'none',
  'other',
] as const;
const outcomes = ['challenge', 'success', 'failure', 'stale', 'error'] as const;
const reasons = [
  'none',
  'no-credentials',
  'algorithm-not-offered',
  'qop-not-offered',
  'wrong-response',
  'unknown-nonce',
  'expired-nonce',
  'replay',
  'malformed',
  'locked-out',
  'network',
] as const satisfies readonly (ChallengeReason | string)[];

/** All metrics of auth. */
export interface AuthMetrics {
  readonly noncesIssued: CounterSeries;
  readonly nonceReplays: CounterSeries;
  readonly lockouts: CounterSeries;
  /** Counts a Verify; algorithm is the parameter as sent. */
  countVerify(algorithm: string, outcome: (typeof outcomes)[number], reason: (typeof reasons)[number]): void;
  verifySeconds(outcome: (typeof outcomes)[number], seconds: number): void;
  countVector(result: 'known' | 'unknown'): void;
  backendSeconds(backend: 'subscribers' | 'store', outcome: 'success' | 'error', seconds: number): void;
  countReload(result: 'success' | 'failure', nowMs: number): void;
  countFailureReport(): void;
  setSubscribers(count: number): void;
  setWatchers(count: number): void;
}

/** Registers auth's metrics. Once for a process. */
export function addAuthMetrics(metrics: Metrics): AuthMetrics {
  const requests = metrics.counter({
    name: 'rollcall_auth_requests_total',
    help: 'Verify requests by what came of them.',
    labels: { scheme: ['digest'], algorithm: algorithms, outcome: outcomes, reason: reasons },
    preCreate: false,
  });
  for (const reason of ['wrong-response', 'locked-out', 'malformed'] as const) {
    requests.with({ scheme: 'digest', algorithm: 'MD5', outcome: 'failure', reason });
  }
  const duration = metrics.histogram({
    name: 'rollcall_auth_duration_seconds',
    help: 'Time to answer a Verify.',
    labels: { outcome: outcomes },
    buckets: stepBuckets,
    preCreate: false,
  });
  const backend = metrics.histogram({
    name: 'rollcall_auth_backend_duration_seconds',
    help: 'Time that the source of subscribers or the shared store took.',
    labels: { backend: ['subscribers', 'store'], outcome: ['success', 'error'] },
    buckets: stepBuckets,
  });
  const vectors = metrics.counter({
    name: 'rollcall_auth_vectors_total',
    help: 'Vectors given out, by whether the user exists.',
    labels: { result: ['known', 'unknown'] },
  });
  const reloads = metrics.counter({
    name: 'rollcall_config_reloads_total',
    help: 'Readings of files that changed.',
    labels: { result: ['success', 'failure'] },
  });
  const reloadedAt = metrics
    .gauge({
      name: 'rollcall_config_last_reload_success_timestamp_seconds',
      help: 'When a file was last read again with success, in seconds since 1970; 0 for never.',
    })
    .with({});
  const reports = metrics
    .counter({ name: 'rollcall_auth_failure_reports_total', help: 'Failures that registrars reported.' })
    .with({});
  const subscribers = metrics
    .gauge({
      name: 'rollcall_auth_subscribers',
      help: 'Subscribers known; the same on every replica: use max.',
    })
    .with({});
  const watchers = metrics
    .gauge({ name: 'rollcall_auth_watchers', help: 'Registrars that watch this replica.' })
    .with({});
  const counter = (name: string, help: string) => metrics.counter({ name, help }).with({});
  // Resolved once: each first registration of a user asks for a vector.
  const vectorSeries = {
    known: vectors.with({ result: 'known' }),
    unknown: vectors.with({ result: 'unknown' }),
  };
  const secondsOf = (name: 'subscribers' | 'store') => ({
    success: backend.with({ backend: name, outcome: 'success' }),
    error: backend.with({ backend: name, outcome: 'error' }),
  });
  const backendSeries = { subscribers: secondsOf('subscribers'), store: secondsOf('store') };
  return {
    noncesIssued: counter('rollcall_auth_nonces_issued_total', 'Nonces issued, in leases and challenges.'),
    nonceReplays: counter('rollcall_auth_nonce_replays_total', 'Uses of a nonce refused as replays.'),
    lockouts: counter('rollcall_auth_lockouts_total', 'Lock-outs heard of; each replica hears of all.'),
    countVerify: (algorithm, outcome, reason) =>
      requests.with({ scheme: 'digest', algorithm: algorithmLabel(algorithm), outcome, reason }).inc(),
    verifySeconds: (outcome, seconds) => duration.with({ outcome }).observe(seconds),
    countVector: (result) => vectorSeries[result].inc(),
    backendSeconds: (name, outcome, seconds) => backendSeries[name][outcome].observe(seconds),
    countReload: (result, nowMs) => {
      reloads.with({ result }).inc();
      if (result === 'success') reloadedAt.set(nowMs / 1000);
    },
    countFailureReport: () => reports.inc(),
    setSubscribers: (count) => subscribers.set(count),
    setWatchers: (count) => watchers.set(count),
  };
}

function algorithmLabel(algorithm: string): (typeof algorithms)[number] {
  if (algorithm === '') return 'none';
  const wanted = algorithm.toUpperCase();
  return algorithms.find((label) => label.toUpperCase() === wanted) ?? 'other';
}
