import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { Counter } from './counter.ts';
import { type EventLoopWatch, eventLoopBuckets, watchEventLoop } from './event-loop.ts';
import { Gauge, type GaugeOptions } from './gauge.ts';
import { Histogram, type HistogramOptions } from './histogram.ts';
import type { FamilyOptions, LabelSets } from './metric-family.ts';

/** Gauges of prom-client whose names end in `_total`, which promtool refuses. */
const misnamedGauges = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** How much coarser than prom-client's default the event loop's own gauges are sampled: they cost a wake-up each. */
const eventLoopSampleMs = 100;

/** The metrics of one process. */
export class Metrics {
  readonly #registry = new Registry();
  #eventLoop: EventLoopWatch | undefined;

  /** A counter; its name ends in `_total`. */
  counter<const Sets extends LabelSets = Record<never, never>>(options: FamilyOptions<Sets>): Counter<Sets> {
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
    for (const name of misnamedGauges) this.#registry.removeSingleMetric(name);
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

  /** Ends what runs by itself. */
  close(): void {
    this.#eventLoop?.close();
  }

  #add<Family extends { readonly name: string }>(family: Family): Family {
    // The registry calls nothing but get() and name, which our families have.
    this.#registry.registerMetric(family as unknown as Metric);
    return family;
  }
}
