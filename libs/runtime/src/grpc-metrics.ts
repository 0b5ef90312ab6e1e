import type { Clock } from './clock.ts';
import type { CounterSeries } from './counter.ts';
import { callBuckets, type HistogramSeries } from './histogram.ts';
import { LogLimit } from './log-limit.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { addSubchannelMetrics, type SubchannelSources } from './subchannel-metrics.ts';

/** Names a method of a gRPC service. */
interface MethodName {
  readonly service: string;
  readonly name: string;
  readonly type: string;
}

/** Follows calls: what @rollcall/rpc takes as an observer, though this package does not know it. */
interface CallObserver {
  onStarted(method: MethodName): void;
  onHandled(method: MethodName, code: number, elapsedMs: number): void;
  onBatch(method: MethodName, items: number): void;
  onSent(method: MethodName): void;
  onReceived(method: MethodName): void;
}

/** Observers of a process's gRPC calls. */
export interface GrpcObservers {
  readonly client: CallObserver & {
    onRetry(method: MethodName): void;
    onHandshakeFailed(target: string, reason: string): void;
  };
  readonly server: CallObserver & {
    onError(method: MethodName, error: unknown): void;
    onRefused(method: MethodName, message: string): void;
  };
  /** Shows the channels of these connections. */
  readonly showSubchannels: (connections: SubchannelSources) => void;
}

/** Names of the status codes by number. */
const codeNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;

/** Codes whose series exist from the start, so that an alert sees the first one. */
const expectedCodes = [0, 4, 8, 13, 14] as const;

const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128];

/** Log lines of failed handlers in a second, for a mistake that every call runs into. */
const errorLinesPerSecond = 5;

/**
 * Adds the usual metrics of gRPC (`grpc_server_*`, `grpc_client_*`, with the names and labels that public dashboards
 * know), and says in the log what a handler threw. An item of a batched stream counts as a call.
 */
export function followGrpc(metrics: Metrics, logger: Logger, clock: Clock): GrpcObservers {
  const client = followSide(metrics, 'client');
  const server = followSide(metrics, 'server');
  const retries = metrics.counter({
    name: 'rollcall_grpc_client_retries_total',
    help: 'Calls that were sent once more since their connection broke.',
    labels: { grpc_service: null, grpc_method: null },
    preCreate: false,
  });
  const limit = new LogLimit(errorLinesPerSecond, clock);
  const handshakeLimit = new LogLimit(1, clock);
  const refusalLimit = new LogLimit(1, clock);
  return {
    client: {
      ...client,
      onRetry: ({ service, name }) => retries.with({ grpc_service: service, grpc_method: name }).inc(),
      onHandshakeFailed: (target, reason) => {
        const unsaid = handshakeLimit.mayLog();
        if (unsaid !== undefined) logger.warn({ target, reason, unsaid }, 'a TLS handshake failed');
      },
    },
    server: {
      ...server,
      onError: ({ service, name }, error) => {
        const unsaid = limit.mayLog();
        if (unsaid !== undefined)
          logger.error({ err: error, service, method: name, unsaid }, 'a call failed');
      },
      onRefused: ({ service, name }, message) => {
        const unsaid = refusalLimit.mayLog();
        if (unsaid !== undefined)
          logger.warn({ service, method: name, reason: message, unsaid }, 'a caller was refused');
      },
    },
    showSubchannels: addSubchannelMetrics(metrics),
  };
}

/** The series of one method, resolved once. */
interface MethodSeries {
  readonly started: CounterSeries;
  readonly handled: (CounterSeries | undefined)[];
  /** Undefined for streams of responses: how long somebody watches says nothing. */
  readonly seconds: HistogramSeries | undefined;
  /** Undefined until the first batch: a unary method has none. */
  batch: HistogramSeries | undefined;
  readonly sent: CounterSeries;
  readonly received: CounterSeries;
}

function followSide(metrics: Metrics, side: 'client' | 'server'): CallObserver {
  const method = { grpc_type: null, grpc_service: null, grpc_method: null } as const;
  const started = metrics.counter({
    name: `grpc_${side}_started_total`,
    help: `Calls started on the ${side}.`,
    labels: method,
    preCreate: false,
  });
  const handled = metrics.counter({
    name: `grpc_${side}_handled_total`,
    help: `Calls completed on the ${side}, by status code. A refusal of SIP is OK here.`,
    labels: { ...method, grpc_code: [...codeNames, 'other'] },
    preCreate: false,
  });
  const seconds = metrics.histogram({
    name: `grpc_${side}_handling_seconds`,
    help: `How long calls took as seen by the ${side}.`,
    labels: method,
    buckets: callBuckets,
    preCreate: false,
  });
  const batch = metrics.histogram({
    name: `rollcall_grpc_${side}_batch_items`,
    help: 'Items that travelled as one message of a batched stream.',
    labels: { grpc_service: null, grpc_method: null },
    buckets: batchBuckets,
    preCreate: false,
  });
  const sent = metrics.counter({
    name: `grpc_${side}_msg_sent_total`,
    help: `Messages sent by the ${side}; a batch is one.`,
    labels: method,
    preCreate: false,
  });
  const received = metrics.counter({
    name: `grpc_${side}_msg_received_total`,
    help: `Messages received by the ${side}; a batch is one.`,
    labels: method,
    preCreate: false,
  });
  const known = new Map<MethodName, MethodSeries>();
  const seriesOf = (name: MethodName): MethodSeries => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const labels = labelsOf(name);
    const made: MethodSeries = {
      started: started.with(labels),
      handled: [],
      seconds: name.type === 'server_stream' ? undefined : seconds.with(labels),
      batch: undefined,
      sent: sent.with(labels),
      received: received.with(labels),
    };
    for (const code of expectedCodes)
      made.handled[code] = handled.with({ ...labels, grpc_code: codeNames[code] });
    known.set(name, made);
    return made;
  };
  return {
    onStarted: (name) => seriesOf(name).started.inc(),
    onHandled: (name, code, elapsedMs) => {
      const series = seriesOf(name);
      series.handled[code] ??= handled.with({ ...labelsOf(name), grpc_code: codeNames[code] ?? 'other' });
      series.handled[code].inc();
      series.seconds?.observe(elapsedMs / 1000);
    },
    onBatch: (name, items) => {
      const series = seriesOf(name);
      series.batch ??= batch.with({ grpc_service: name.service, grpc_method: name.name });
      series.batch.observe(items);
    },
    onSent: (name) => seriesOf(name).sent.inc(),
    onReceived: (name) => seriesOf(name).received.inc(),
  };
}

function labelsOf({ type, service, name }: MethodName) {
  return { grpc_type: type, grpc_service: service, grpc_method: name };
}
