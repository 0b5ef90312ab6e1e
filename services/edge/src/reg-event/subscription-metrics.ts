import type { Metrics } from '@rollcall/runtime';
import type { NotifyOutcome } from './notify-sender.ts';

const outcomes = [
  'taken',
  'refused',
  'retry',
  'timeout',
  'unreachable',
] as const satisfies readonly NotifyOutcome[];
const ends = ['timeout', 'unsubscribed', 'deactivated', 'rejected', 'noresource', 'gone'] as const;

/** How a subscription ended. */
export type SubscriptionEnd = (typeof ends)[number];

/** What the edge counts of subscriptions. */
export interface SubscriptionMetrics {
  /** Shows the number of subscriptions, read at each scrape. */
  exposeActive(read: () => number): void;
  countNotify(outcome: NotifyOutcome): void;
  countEnd(how: SubscriptionEnd): void;
}

/** Registers what the edge counts of subscriptions. */
export function createSubscriptionMetrics(metrics: Metrics): SubscriptionMetrics {
  let readActive = () => 0;
  metrics.gauge({
    name: 'rollcall_subscriptions',
    help: 'Subscriptions to registrations (RFC 3680) that this edge holds.',
    collect: (gauge) => gauge.with({}).set(readActive()),
  });
  const notifies = metrics.counter({
    name: 'rollcall_notifies_total',
    help: 'NOTIFY requests sent, by what came of them: taken; retry: not now; refused, timeout, unreachable: the subscription ended.',
    labels: { outcome: outcomes },
  });
  const ended = metrics.counter({
    name: 'rollcall_subscriptions_ended_total',
    help: 'Subscriptions that ended; timeout: not refreshed; gone: their NOTIFY failed; deactivated: this edge stops.',
    labels: { reason: ends },
  });
  return {
    exposeActive: (read) => {
      readActive = read;
    },
    countNotify: (outcome) => notifies.with({ outcome }).inc(),
    countEnd: (reason) => ended.with({ reason }).inc(),
  };
}
