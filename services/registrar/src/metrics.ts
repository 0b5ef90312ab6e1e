import type { RegisterRequest } from '@rollcall/rpc';
import { type CounterSeries, type HistogramSeries, type Metrics, stepBuckets } from '@rollcall/runtime';
import type { RegisterOutcome } from './proto-mapping.ts';
import type { SubscribeOutcome } from './subscribe-outcome.ts';

/**
 * What a REGISTER asked for. Whether it registers for the first time or refreshes is known once location has decided;
 * one that was turned away before that is a `register`.
 */
const operations = ['initial', 'refresh', 'register', 'remove', 'remove_all', 'query'] as const;
const outcomes = ['ok', 'challenged', 'rejected', 'error'] as const;
const reasons = [
  'none',
  'no_credentials',
  'auth_failed',
  'stale',
  'nonce_replayed',
  'auth_unavailable',
  'bad_request',
  'conflict',
  'contact_forbidden',
  'cseq_out_of_order',
  'deadline',
  'extension_required',
  'first_hop_lacks_outbound',
  'forbidden',
  'internal',
  'interval_too_brief',
  'locked_out',
  'overload',
  'push_unsupported',
  'store_unavailable',
  'too_many_contacts',
  'unknown_domain',
] as const;

/** What each outcome is usually due to. */
const reasonsByOutcome: Readonly<Record<Outcome, readonly Reason[]>> = {
  ok: [],
  challenged: ['no_credentials', 'auth_failed', 'stale', 'nonce_replayed'],
  rejected: [
    'bad_request',
    'cseq_out_of_order',
    'extension_required',
    'forbidden',
    'interval_too_brief',
    'locked_out',
    'too_many_contacts',
    'unknown_domain',
  ],
  error: ['auth_unavailable', 'conflict', 'deadline', 'internal', 'overload', 'store_unavailable'],
};

/** Where the reason itself says which of the two it was. */
const operationByReason: Readonly<Partial<Record<Reason, Operation>>> = {
  too_many_contacts: 'initial',
  // An earlier request of the same Call-ID has bound it.
  cseq_out_of_order: 'refresh',
};

const expiresBuckets = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 86_400];
const contactsBuckets = [1, 2, 3, 5, 10, 20];
const cacheResults = ['hit', 'miss', 'grace'] as const;

type Operation = (typeof operations)[number];
type Outcome = (typeof outcomes)[number];
type Reason = (typeof reasons)[number];

/** Whether a vector was at hand. */
export type VectorUse = (typeof cacheResults)[number];

/** All metrics of the registrar. */
export interface RegistrarMetrics {
  /** Counts one REGISTER. */
  count(request: RegisterRequest, outcome: RegisterOutcome, durationMs: number): void;
  /** Counts one SUBSCRIBE. */
  countSubscribe(outcome: SubscribeOutcome): void;
  /** Counts one use of an authentication vector. */
  countVector(use: VectorUse): void;
}

/** Registers the registrar's metrics; `readings` are taken at each scrape. */
export function createRegistrarMetrics(
  metrics: Metrics,
  readings: { vectors(): number; watchLive(): boolean; watches(): number },
): RegistrarMetrics {
  const total = metrics.counter({
    name: 'rollcall_registrations_total',
    help: 'REGISTER requests answered, by what they asked for and what they got; register: turned away before it was known whether they are initial or refresh.',
    labels: { operation: operations, outcome: outcomes, reason: reasons },
    preCreate: false,
  });
  // Those that can occur, so that an alert sees the first of them as a rise from 0.
  for (const operation of ['initial', 'refresh'] as const)
    total.with({ operation, outcome: 'ok', reason: 'none' });
  for (const [outcome, of] of Object.entries(reasonsByOutcome) as [Outcome, readonly Reason[]][])
    for (const reason of of)
      total.with({ operation: operationByReason[reason] ?? 'register', outcome, reason });
  const duration = metrics.histogram({
    name: 'rollcall_registration_duration_seconds',
    help: 'Time from a REGISTER to its outcome in the registrar.',
    labels: { operation: operations, outcome: outcomes },
    buckets: stepBuckets,
    preCreate: false,
  });
  for (const operation of ['initial', 'refresh'] as const) duration.with({ operation, outcome: 'ok' });
  const granted = metrics
    .histogram({
      name: 'rollcall_registration_granted_expires_seconds',
      help: 'Lifetimes granted to bindings.',
      buckets: expiresBuckets,
    })
    .with({});
  const contacts = metrics
    .histogram({
      name: 'rollcall_registration_contacts',
      help: 'Bindings of the AOR after a registration.',
      buckets: contactsBuckets,
    })
    .with({});
  const vectorUses = metrics.counter({
    name: 'rollcall_auth_credential_cache_requests_total',
    help: 'Uses of authentication vectors: at hand (hit), asked for (miss), trusted while no auth answers (grace).',
    labels: { result: cacheResults },
  });
  metrics.gauge({
    name: 'rollcall_registrar_cached_vectors',
    help: 'Authentication vectors kept.',
    collect: (gauge) => gauge.with({}).set(readings.vectors()),
  });
  metrics.gauge({
    name: 'rollcall_registrar_subscriber_watch_live',
    help: '1 while the stream of invalidations from auth lives.',
    collect: (gauge) => gauge.with({}).set(readings.watchLive() ? 1 : 0),
  });
  metrics.gauge({
    name: 'rollcall_registrar_watches',
    help: 'Edges that are told the contacts of an AOR, one for each subscription.',
    collect: (gauge) => gauge.with({}).set(readings.watches()),
  });
  const subscribes = metrics.counter({
    name: 'rollcall_subscribes_total',
    help: 'SUBSCRIBE requests for the reg event package, first ones and refreshes, by what they got.',
    labels: { outcome: outcomes },
  });
  const uses = {
    hit: vectorUses.with({ result: 'hit' }),
    miss: vectorUses.with({ result: 'miss' }),
    grace: vectorUses.with({ result: 'grace' }),
  };
  // Series are resolved once: a look-up by labels for each message would cost as much as the rest of the counting.
  const followed = new Map<string, { total: CounterSeries; duration: HistogramSeries }>();
  const follow = (operation: Operation, outcome: RegisterOutcome) => {
    const reason = reasonOf(outcome);
    const key = operation + reason;
    let series = followed.get(key);
    if (series === undefined) {
      const labels = { operation, outcome: outcomeOf(outcome) };
      series = { total: total.with({ ...labels, reason }), duration: duration.with(labels) };
      followed.set(key, series);
    }
    return series;
  };
  return {
    count(request, outcome, durationMs) {
      const series = follow(operationOf(request, outcome), outcome);
      series.total.inc();
      series.duration.observe(durationMs / 1000);
      if (outcome.kind !== 'registered') return;
      contacts.observe(outcome.bindings.length);
      for (const update of outcome.plan.updates) {
        if (update.expiresSec > 0) granted.observe(update.expiresSec);
      }
    },
    countSubscribe: (outcome) => subscribes.with({ outcome: outcomeOf(outcome) }).inc(),
    countVector: (use) => uses[use].inc(),
  };
}

function operationOf(request: RegisterRequest, outcome: RegisterOutcome): Operation {
  if (request.removeAll) return 'remove_all';
  if (request.contacts.length === 0) return 'query';
  const removes = request.contacts.every((contact) => (contact.expiresSec ?? request.expiresSec) === 0);
  if (removes) return 'remove';
  if (outcome.kind === 'registered') return outcome.created > 0 ? 'initial' : 'refresh';
  return operationByReason[outcome.reason] ?? 'register';
}

function outcomeOf(outcome: RegisterOutcome | SubscribeOutcome): Outcome {
  if (outcome.kind === 'registered' || outcome.kind === 'granted') return 'ok';
  if (outcome.kind === 'challenged') return 'challenged';
  return outcome.status >= 500 && outcome.reason !== 'cseq_out_of_order' ? 'error' : 'rejected';
}

function reasonOf(outcome: RegisterOutcome): Reason {
  return outcome.kind === 'registered' ? 'none' : outcome.reason;
}
