import { type FamilyOptions, type LabelSets, MetricFamily, type SampleSet } from './metric-family.ts';

/** One series that only grows. */
export class CounterSeries {
  #total = 0;

  /** Adds to the count; by default 1. */
  inc(by = 1): void {
    this.#total += by;
  }

  /** The count so far. */
  get total(): number {
    return this.#total;
  }
}

/** A counter with closed label sets. Its name ends in `_total`. */
export class Counter<Sets extends LabelSets> extends MetricFamily<Sets, CounterSeries> {
  constructor(options: FamilyOptions<Sets>) {
    super(options);
    if (options.preCreate !== false) this.createAll();
  }

  protected create(): CounterSeries {
    return new CounterSeries();
  }

  async get(): Promise<SampleSet> {
    const values = [...this.series.values()].map(({ labels, series }) => ({ labels, value: series.total }));
    return { name: this.name, help: this.help, type: 'counter', aggregator: 'sum', values };
  }
}
