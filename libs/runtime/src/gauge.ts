import { type FamilyOptions, type LabelSets, MetricFamily, type SampleSet } from './metric-family.ts';

/** One series that rises and falls. */
export class GaugeSeries {
  #value = 0;

  set(value: number): void {
    this.#value = value;
  }

  /** Adds to the value; by default 1. */
  inc(by = 1): void {
    this.#value += by;
  }

  /** Takes from the value; by default 1. */
  dec(by = 1): void {
    this.#value -= by;
  }

  get value(): number {
    return this.#value;
  }
}

/** Options of a gauge. */
export interface GaugeOptions<Sets extends LabelSets> extends FamilyOptions<Sets> {
  /** Called before each scrape, to set what is cheaper read than followed. */
  readonly collect?: (gauge: Gauge<Sets>) => void | Promise<void>;
}

/** A gauge with closed label sets. */
export class Gauge<Sets extends LabelSets> extends MetricFamily<Sets, GaugeSeries> {
  readonly type = 'gauge';
  readonly #collect: ((gauge: Gauge<Sets>) => void | Promise<void>) | undefined;

  constructor(options: GaugeOptions<Sets>) {
    super(options);
    this.#collect = options.collect;
    if (options.preCreate !== false) this.createAll();
  }

  protected create(): GaugeSeries {
    return new GaugeSeries();
  }

  async get(): Promise<SampleSet> {
    await this.#collect?.(this);
    const values = [...this.series.values()].map(({ labels, series }) => ({ labels, value: series.value }));
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }
}
