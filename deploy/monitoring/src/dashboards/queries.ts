/** Per second, of the series that the variables choose; `labels` begins with a comma. */
export const rate = (metric: string, labels = '') => `rate(${metric}{SELECT${labels}}[$__rate_interval])`;

/** Added up by the labels named. */
export const sum = (by: string, expr: string) => `sum by (${by}) (${expr})`;

/** The matchers of what others export: their pods are not ours. */
export const foreign = 'cluster=~"$cluster",namespace=~"$namespace"';

/** When the store's connection or its master changed: what explains many a step in other panels. */
export const storeMarks = {
  'Redis: another master': 'max(increase(rollcall_store_failovers_total{SELECT}[1m])) > 0',
  'Redis: connected anew': 'sum(increase(rollcall_store_reconnects_total{SELECT}[1m])) > 0',
};

/** A quantile of a histogram. */
export const quantile = (part: number, metric: string, by = 'le', labels = '') =>
  `histogram_quantile(${part}, ${sum(by, rate(`${metric}_bucket`, labels))})`;
