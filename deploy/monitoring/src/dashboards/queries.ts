/** Per second, of the series that the variables choose; `labels` begins with a comma. */
export const rate = (metric: string, labels = '') => `rate(${metric}{SELECT${labels}}[$__rate_interval])`;

/** Added up by the labels named. */
export const sum = (by: string, expr: string) => `sum by (${by}) (${expr})`;

/** A quantile of a histogram. */
export const quantile = (part: number, metric: string, by = 'le', labels = '') =>
  `histogram_quantile(${part}, ${sum(by, rate(`${metric}_bucket`, labels))})`;
