import { type FamilyOptions, type LabelSets, MetricFamily, type SampleSet } from './metric-family.ts';

/** One series that only grows. */
export class CounterSeries {
  #total = 0;

  /** Adds to the count; by default 1. */
  inc(by = 1): void {
    this.#total += by;
  }

  /** Takes over a count that is kept elsewhere. It never falls: a reading lower than before (a socket gone) is passed over. */
  raiseTo(total: number): void {
    if (total > this.#total) this.#total = total;
  }

  /** The count so far. */
  get total(): number {
    return this.#total;
  }
}

/** Options of a counter. */
export interface CounterOptions<Sets extends LabelSets> extends FamilyOptions<Sets> {
  /** Called before each scrape, to take over what is counted elsewhere, by `raiseTo`. */
  readonly collect?: (counter: Counter<Sets>) => void | Promise<void>;
}

/** A counter with closed label sets. Its name ends in `_total`. */
export class Counter<Sets extends LabelSets> extends MetricFamily<Sets, CounterSeries> {
  readonly type = 'counter';
  readonly #collect: ((counter: Counter<Sets>) => void | Promise<void>) | undefined;

  constructor(options: CounterOptions<Sets>) {
    super(options);
    this.#collect = options.collect;
    if (options.preCreate !== false) this.createAll();
  }

  protected create(): CounterSeries {
    return new CounterSeries();
  }

  async get(): Promise<SampleSet> {
    await this.#collect?.(this);
    const values = [...this.series.values()].map(({ labels, series }) => ({ labels, value: series.total }));
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }
}
