import type { Clock } from './clock.ts';
import type { ConfigOf } from './config-variables.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { traceVariables } from './trace-variables.ts';

/** One step of a traced request: named, timed, and the parent of the steps within it. */
export interface Span {
  /** W3C trace context of what happens within this step; goes with each call that it makes. */
  readonly traceparent: string;
  /** Notes a fact; never what is secret or personal: no AOR, no credentials. */
  note(name: string, value: string | number): void;
  /** Ends the step; `problem` says why it failed, where it did. Only an ended step is exported. */
  end(problem?: string): void;
}

/** Who does the work of a step: `server` here, for somebody who asked; `client` somebody else, whom we ask. */
export type SpanKind = 'server' | 'client';

/** Facts that are known when a step begins. */
export type SpanFacts = Readonly<Record<string, string | number>>;

/**
 * The traces of a process. There is none where traces are off, so that a message then costs one look at `undefined`;
 * where they are on, a request that is not sampled costs one random number.
 */
export interface Tracing {
  /** Begins a trace, if this one is to be sampled; all that is done for it follows the decision. */
  begin(name: string, facts: SpanFacts): Span | undefined;
  /** Begins a step of a trace that began elsewhere; undefined where the context is empty, unreadable or not sampled. */
  continue(traceparent: string, kind: SpanKind, name: string, facts: SpanFacts): Span | undefined;
  /** Follows gRPC calls; what @rollcall/rpc takes as a tracer, though this package does not know it. */
  readonly calls: CallTracer;
  /** Sends what is left, within a few seconds, and ends. */
  close(): Promise<void>;
}

/** Follows calls by their trace context. */
interface CallTracer {
  startCall(
    kind: SpanKind,
    method: { readonly service: string; readonly name: string },
    traceparent: string,
  ): { readonly traceparent: string; end(code: number, codeName: string): void } | undefined;
}

/** What traces need of the process. */
export interface TracingParts {
  readonly service: string;
  readonly version: string;
  readonly config: ConfigOf<typeof traceVariables>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The trace's id out of a trace context, for the log; undefined where there is none. */
export function traceIdOf(traceparent: string): string | undefined {
  return traceparent === '' ? undefined : traceparent.slice(3, 35);
}
