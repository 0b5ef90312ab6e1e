import { type FamilyOptions, type LabelSets, MetricFamily, type SampleSet } from './metric-family.ts';

/** Upper bounds in seconds for what a phone waits for: 0.5 is T1, 4 is T2, 32 is 64*T1 (RFC 3261 section 17.1.1.1). */
export const sipBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32,
];

/** Upper bounds in seconds for calls over gRPC and HTTP. */
export const callBuckets: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

/** Upper bounds in seconds for a part of serving a phone, which waits for less than a second in all: stores, decisions. */
export const stepBuckets: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/** One series of observed values. */
export class HistogramSeries {
  readonly #bounds: readonly number[];
  /** Counts by bucket, not cumulated; the last one is that of +Inf. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value, in the unit of the metric's name (seconds, items, …). */
  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Counts of values at or below each bound; the last one counts all. */
  cumulated(): number[] {
    let running = 0;
    return Array.from(this.#counts, (count) => {
      running += count;
      return running;
    });
  }
}

/** Options of a histogram. */
export interface HistogramOptions<Sets extends LabelSets> extends FamilyOptions<Sets> {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

/** A cumulative histogram with closed label sets. */
export class Histogram<Sets extends LabelSets> extends MetricFamily<Sets, HistogramSeries> {
  readonly type = 'histogram';
  readonly #buckets: readonly number[];

  constructor(options: HistogramOptions<Sets>) {
    super(options);
    this.#buckets = options.buckets;
    if (options.preCreate !== false) this.createAll();
  }

  protected create(): HistogramSeries {
    return new HistogramSeries(this.#buckets);
  }

  async get(): Promise<SampleSet> {
    const values: SampleSet['values'] = [];
    for (const { labels, series } of this.series.values()) {
      const counts = series.cumulated();
      const count = counts.at(-1) ?? 0;
      counts.forEach((value, index) => {
        const le = this.#buckets[index] ?? '+Inf';
        values.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le }, value });
      });
      values.push({ metricName: `${this.name}_sum`, labels, value: series.sum });
      values.push({ metricName: `${this.name}_count`, labels, value: count });
    }
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }
}
