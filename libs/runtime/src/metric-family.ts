/**
 * The labels of a metric, each with the closed set of its values. A set that contains 'other' takes any value as that.
 * null stands for names in our own code (methods of a contract, say): a bounded set too, though not known here.
 */
export type LabelSets = Readonly<Record<string, readonly string[] | null>>;

/** One value for each label. */
export type LabelValues<Sets extends LabelSets> = {
  readonly [Name in keyof Sets]: Sets[Name] extends readonly (infer Value)[] ? Value : string;
};

/** The kinds of metric that Prometheus knows and we use. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** What the registry of prom-client reads at a scrape. */
export interface SampleSet {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly aggregator: 'sum';
  readonly values: { metricName?: string; labels: Record<string, string | number>; value: number }[];
}

/** Name, help and labels of a metric. */
export interface FamilyOptions<Sets extends LabelSets> {
  /** The name with its prefix and unit, as it is scraped. */
  readonly name: string;
  /** What it says, for people. */
  readonly help: string;
  /** Closed sets of label values; none for a metric without labels. */
  readonly labels?: Sets;
  /** False: a series appears when it is first used, not at the start; for products of large sets. */
  readonly preCreate?: boolean;
}

/**
 * The series of one metric. Each series is a plain object that the hot path keeps and counts in; prom-client, which
 * would hash the labels at every step, sees it only at a scrape.
 */
export abstract class MetricFamily<Sets extends LabelSets, Series> {
  readonly name: string;
  readonly help: string;
  abstract readonly type: MetricType;
  protected readonly series = new Map<string, { labels: Record<string, string>; series: Series }>();
  readonly #sets: Sets;
  readonly #names: readonly string[];

  constructor(options: FamilyOptions<Sets>) {
    this.name = options.name;
    this.help = options.help;
    this.#sets = options.labels ?? ({} as Sets);
    this.#names = Object.keys(this.#sets);
  }

  /** The labels with their closed sets; null where the set is bounded but not known here. */
  get labelSets(): LabelSets {
    return this.#sets;
  }

  protected abstract create(): Series;
  abstract get(): Promise<SampleSet>;

  /**
   * The series of these labels. Resolve it once and keep it; a value outside a label's set is counted as 'other'.
   *
   * @throws RangeError for a value outside a set that has no 'other': that is our own mistake
   */
  with(values: LabelValues<Sets>): Series {
    const labels: Record<string, string> = {};
    for (const name of this.#names) labels[name] = this.#allowed(name, String(values[name]));
    const key = Object.values(labels).join('\n');
    const known = this.series.get(key);
    if (known !== undefined) return known.series;
    const series = this.create();
    this.series.set(key, { labels, series });
    return series;
  }

  /** Creates every series, so that its first event is seen as a rise from 0. */
  protected createAll(): void {
    let combinations: Record<string, string>[] = [{}];
    for (const name of this.#names) {
      const values = this.#sets[name] ?? [];
      combinations = combinations.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })));
    }
    for (const labels of combinations) this.with(labels as LabelValues<Sets>);
  }

  #allowed(name: string, value: string): string {
    const set = this.#sets[name] ?? null;
    if (set === null || set.includes(value)) return value;
    if (set.includes('other')) return 'other';
    throw new RangeError(`${this.name}: ${name}="${value}" is not one of ${set.join(', ')}`);
  }
}
