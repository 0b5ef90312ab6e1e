import { openOtlpTracing } from './otlp-tracing.ts';
import type { Tracing, TracingParts } from './tracing.ts';

/** Opens the traces of a process; undefined where none are wanted. */
export function openTracing(parts: TracingParts): Tracing | undefined {
  const spans = parts.metrics.counter({
    name: 'rollcall_trace_spans_total',
    help: 'Steps of traces: exported, given up since the collector did not take them (failed), or since too many waited (dropped).',
    labels: { outcome: ['exported', 'failed', 'dropped'] },
  });
  if (parts.config.traceEndpoint === '') return undefined;
  return openOtlpTracing(parts, {
    exported: spans.with({ outcome: 'exported' }),
    failed: spans.with({ outcome: 'failed' }),
    dropped: spans.with({ outcome: 'dropped' }),
  });
}
