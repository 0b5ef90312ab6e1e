import type * as Sdk from '@opentelemetry/sdk-trace';
import type { Clock } from './clock.ts';
import type { CounterSeries } from './counter.ts';
import type { Logger } from './logger.ts';

/** What becomes of spans. */
export interface SpanCounters {
  readonly exported: CounterSeries;
  readonly failed: CounterSeries;
  readonly dropped: CounterSeries;
}

/** A collector that is away is said once in a while, not at every export. */
const sayEveryMs = 60_000;

type ExportResult = Parameters<Parameters<Sdk.SpanExporter['export']>[1]>[0];

/** An exporter that counts: what was taken, what was not, and what is not even tried since too much waits. */
export class CountedSpans implements Sdk.SpanExporter {
  readonly #exporter: Sdk.SpanExporter;
  readonly #counters: SpanCounters;
  readonly #mostWaiting: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting = 0;
  #saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    exporter: Sdk.SpanExporter;
    counters: SpanCounters;
    mostWaiting: number;
    clock: Clock;
    logger: Logger;
  }) {
    this.#exporter = parts.exporter;
    this.#counters = parts.counters;
    this.#mostWaiting = parts.mostWaiting;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** The same processor, but no span comes to it while too many wait. */
  processorOver(inner: Sdk.SpanProcessor): Sdk.SpanProcessor {
    return {
      onStart: (span, context) => inner.onStart(span, context),
      onEnd: (span) => {
        if (this.#waiting >= this.#mostWaiting) {
          this.#counters.dropped.inc();
          return;
        }
        this.#waiting += 1;
        inner.onEnd(span);
      },
      forceFlush: () => inner.forceFlush(),
      shutdown: () => inner.shutdown(),
    };
  }

  export(spans: Sdk.ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#waiting -= spans.length;
      // ExportResultCode.SUCCESS
      if (result.code === 0) this.#counters.exported.inc(spans.length);
      else this.#fail(spans.length, result.error);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #fail(spans: number, error: Error | undefined): void {
    this.#counters.failed.inc(spans);
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#saidAtMs < sayEveryMs) return;
    this.#saidAtMs = nowMs;
    this.#logger.warn({ err: error, spans }, 'the collector of TRACE_OTLP_ENDPOINT does not take traces');
  }
}
