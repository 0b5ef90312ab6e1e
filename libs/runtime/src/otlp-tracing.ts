import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import type * as Api from '@opentelemetry/api';
import type * as Exporter from '@opentelemetry/exporter-trace-otlp-proto';
import type * as Resources from '@opentelemetry/resources';
import type * as Sdk from '@opentelemetry/sdk-trace';
import { CountedSpans, type SpanCounters } from './counted-spans.ts';
import type { Span, SpanFacts, SpanKind, Tracing, TracingParts } from './tracing.ts';

/** Most spans that wait for the collector; beyond it new ones are dropped and counted. About 1 kB each. */
const mostWaiting = 4096;
const spansPerExport = 512;
const exportEveryMs = 1000;
/** How long one export may take, its repetitions included. */
const exportTimeoutMs = 5000;
/** How long the stop of a process waits for the last spans. */
const closeTimeoutMs = 2000;
/** A fact longer than this is cut: a Call-ID may have 64 kB. */
const longestFact = 256;

/** W3C Trace Context, level 1: version 00, an id of the trace, one of the step, flags. */
const traceparentForm = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f][13579bdf]$/;

/** Opens traces that go to a collector by OTLP (HTTP, protobuf). */
export function openOtlpTracing(parts: TracingParts, counters: SpanCounters): Tracing {
  return new OtlpTracing(parts, counters);
}

/** OpenTelemetry's SDK behind what we need of it. It is loaded only where traces are on: it costs start-up time and memory. */
class OtlpTracing implements Tracing {
  readonly #api: typeof Api;
  readonly #provider: Sdk.TracerProvider;
  readonly #tracer: Api.Tracer;
  readonly #ratio: number;

  constructor({ config, service, version, clock, logger }: TracingParts, counters: SpanCounters) {
    const require = createRequire(import.meta.url);
    const sdk: typeof Sdk = require('@opentelemetry/sdk-trace');
    const { OTLPTraceExporter }: typeof Exporter = require('@opentelemetry/exporter-trace-otlp-proto');
    const { resourceFromAttributes }: typeof Resources = require('@opentelemetry/resources');
    this.#api = require('@opentelemetry/api');
    this.#ratio = config.traceRatio;
    const exporter = new OTLPTraceExporter({
      url: `${config.traceEndpoint}/v1/traces`,
      timeoutMillis: exportTimeoutMs,
    });
    const counted = new CountedSpans({ exporter, counters, mostWaiting, clock, logger });
    this.#provider = new sdk.TracerProvider({
      resource: resourceFromAttributes({
        'service.name': `rollcall-${service}`,
        'service.version': version,
        'service.instance.id': `${hostname()}-${randomUUID().slice(0, 8)}`,
      }),
      // Sampling was decided before a span is made: see begin and continue.
      sampler: new sdk.AlwaysOnSampler(),
      spanLimits: { attributeValueLengthLimit: longestFact },
      spanProcessors: [
        counted.processorOver(
          new sdk.BatchSpanProcessor({
            exporter: counted,
            maxQueueSize: mostWaiting,
            maxExportBatchSize: spansPerExport,
            scheduledDelayMillis: exportEveryMs,
            exportTimeoutMillis: exportTimeoutMs + 1000,
          }),
        ),
      ],
    });
    this.#tracer = this.#provider.getTracer('rollcall', version);
  }

  begin(name: string, facts: SpanFacts): Span | undefined {
    if (Math.random() >= this.#ratio) return undefined;
    return this.#start(name, 'server', facts, this.#api.ROOT_CONTEXT);
  }

  continue(traceparent: string, kind: SpanKind, name: string, facts: SpanFacts): Span | undefined {
    const parent = this.#readContext(traceparent);
    return parent === undefined ? undefined : this.#start(name, kind, facts, parent);
  }

  readonly calls: Tracing['calls'] = {
    startCall: (kind, { service, name }, traceparent) => {
      const facts = { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': name };
      const span = this.continue(traceparent, kind, `${service}/${name}`, facts);
      if (span === undefined) return undefined;
      return {
        traceparent: span.traceparent,
        end: (code, codeName) => {
          span.note('rpc.grpc.status_code', code);
          span.end(code === 0 ? undefined : codeName);
        },
      };
    },
  };

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeTimeoutMs);
    });
    // What cannot be sent now is lost, and counted; a stop does not wait for a collector that is away.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), tooLate]);
    clearTimeout(timer);
  }

  #start(name: string, kind: SpanKind, attributes: SpanFacts, context: Api.Context): Span {
    const { SpanKind, SpanStatusCode } = this.#api;
    const span = this.#tracer.startSpan(
      name,
      { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes },
      context,
    );
    const { traceId, spanId } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-01`,
      note: (key, value) => span.setAttribute(key, value),
      end: (problem) => {
        if (problem !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
        span.end();
      },
    };
  }

  #readContext(traceparent: string): Api.Context | undefined {
    const match = traceparentForm.exec(traceparent);
    const [, traceId, spanId] = match ?? [];
    if (traceId === undefined || spanId === undefined) return undefined;
    const { trace, ROOT_CONTEXT, TraceFlags } = this.#api;
    return trace.setSpanContext(ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    });
  }
}
