import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { Counter, type CounterOptions } from './counter.ts';
import { type EventLoopWatch, eventLoopBuckets, watchEventLoop } from './event-loop.ts';
import { Gauge, type GaugeOptions } from './gauge.ts';
import { Histogram, type HistogramOptions } from './histogram.ts';
import type { LabelSets, MetricType } from './metric-family.ts';

/**
 * Of prom-client: gauges whose names end in `_total`, which promtool refuses, and the spaces of the heap, forty series
 * that nobody looks at without a profiler at hand.
 */
const unwanted = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'nodejs_heap_space_size_available_bytes',
];

/** How much coarser than prom-client's default the event loop's own gauges are sampled: they cost a wake-up each. */
const eventLoopSampleMs = 100;

/** What a metric is, for a reference. */
export interface MetricDescription {
  readonly name: string;
  readonly type: MetricType | 'summary';
  readonly help: string;
  /** Its labels, each with the closed set of its values; null where the set is bounded but not known here. */
  readonly labels: LabelSets;
}

/** The metrics of one process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #ours = new Map<string, MetricDescription>();
  #eventLoop: EventLoopWatch | undefined;

  /** A counter; its name ends in `_total`. */
  counter<const Sets extends LabelSets = Record<never, never>>(options: CounterOptions<Sets>): Counter<Sets> {
    return this.#add(new Counter(options));
  }

  /** A gauge. */
  gauge<const Sets extends LabelSets = Record<never, never>>(options: GaugeOptions<Sets>): Gauge<Sets> {
    return this.#add(new Gauge(options));
  }

  /** A histogram; the name says the unit. */
  histogram<const Sets extends LabelSets = Record<never, never>>(
    options: HistogramOptions<Sets>,
  ): Histogram<Sets> {
    return this.#add(new Histogram(options));
  }

  /** Adds what every process has: CPU, memory, garbage collection, event loop. Once for a process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
    for (const name of unwanted) this.#registry.removeSingleMetric(name);
    const delay = this.histogram({
      name: 'rollcall_event_loop_delay_seconds',
      help: 'How late a timer of the event loop fired, sampled ten times a second.',
      buckets: eventLoopBuckets,
    });
    const utilization = this.gauge({
      name: 'rollcall_event_loop_utilization_ratio',
      help: 'Share of the last second in which the event loop was busy.',
    });
    this.#eventLoop = watchEventLoop(delay.with({}), utilization.with({}));
  }

  /** The scrape: Prometheus text format 0.0.4. */
  async render(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  /** Every metric of the process, in the order of its registration. */
  describe(): MetricDescription[] {
    return this.#registry.getMetricsAsArray().map((metric) => {
      const ours = this.#ours.get(metric.name);
      if (ours !== undefined) return ours;
      // Those of prom-client itself: their labels are names in Node (spaces of the heap, kinds of collection).
      const { name, help, type } = metric as unknown as { name: string; help: string; type: string };
      return { name, help, type: type as MetricType, labels: {} };
    });
  }

  /** Ends what runs by itself. */
  close(): void {
    this.#eventLoop?.close();
  }

  #add<Family extends Omit<MetricDescription, 'labels'> & { readonly labelSets: LabelSets }>(
    family: Family,
  ): Family {
    // The registry calls nothing but get() and name, which our families have.
    this.#registry.registerMetric(family as unknown as Metric);
    const { name, type, help, labelSets } = family;
    this.#ours.set(name, { name, type, help, labels: labelSets });
    return family;
  }
}
