import { type CounterSeries, type HistogramSeries, type Metrics, sipBuckets } from '@rollcall/runtime';
import type { TransportName, TransportStats } from '@rollcall/transport';
import type { Exchange } from './exchange.ts';
import { knownMethods } from './methods.ts';

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
const methods = [...knownMethods, 'other'] as const;
const classes = ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'] as const;
const codes = [
  '100',
  '200',
  '302',
  '400',
  '401',
  '403',
  '404',
  '405',
  '413',
  '414',
  '415',
  '416',
  '420',
  '423',
  '439',
  '480',
  '481',
  '482',
  '483',
  '500',
  '501',
  '503',
  '505',
  '513',
  'other',
] as const;
const dropReasons = [
  'malformed',
  'stray_response',
  'garbage',
  'limit',
  'send_error',
  'stopped',
  'bug',
] as const;

/** What the edge counts. Every call is on the hot path: series are looked up once and kept. */
export interface EdgeMetrics {
  /** A new transaction's request. */
  received(exchange: Exchange): void;
  /** A response was sent. */
  replied(exchange: Exchange, status: number): void;
  /** A request came again, and went no further. */
  retransmission(method: string, transport: TransportName): void;
  /** Bytes that are no SIP message. */
  parseError(transport: TransportName): void;
  /** Something was received and answered with silence. */
  dropped(transport: TransportName, reason: (typeof dropReasons)[number]): void;
}

/** Registers the edge's metrics. */
export function createEdgeMetrics(metrics: Metrics, clock: { nowMs(): number }): EdgeMetrics {
  const received = metrics.counter({
    name: 'rollcall_sip_requests_received_total',
    help: 'SIP requests that began a transaction, retransmissions not counted.',
    labels: { method: methods, transport: transports },
  });
  const sent = metrics.counter({
    name: 'rollcall_sip_responses_sent_total',
    help: 'SIP responses sent, retransmissions not counted.',
    labels: { method: methods, code: codes, transport: transports },
    preCreate: false,
  });
  const duration = metrics.histogram({
    name: 'rollcall_sip_request_duration_seconds',
    help: 'Time from the receipt of a request to its final response.',
    labels: { method: methods, code_class: classes, transport: transports },
    buckets: sipBuckets,
    preCreate: false,
  });
  const retransmissions = metrics.counter({
    name: 'rollcall_sip_retransmissions_received_total',
    help: 'Requests that came again and were absorbed by their transaction.',
    labels: { method: methods, transport: transports },
  });
  const parseErrors = metrics.counter({
    name: 'rollcall_sip_parse_errors_total',
    help: 'Messages that could not be parsed.',
    labels: { transport: transports },
  });
  const drops = metrics.counter({
    name: 'rollcall_sip_messages_dropped_total',
    help: 'Messages answered with silence.',
    labels: { transport: transports, reason: dropReasons },
  });

  const sentSeries = new SeriesOf<CounterSeries>();
  const durationSeries = new SeriesOf<HistogramSeries>();
  type Method = (typeof methods)[number];
  return {
    received: ({ request, flow }) =>
      received.with({ method: request.method as Method, transport: flow.transport }).inc(),
    replied: ({ request, flow, receivedAtMs }, status) => {
      const { transport } = flow;
      const method = request.method as Method;
      sentSeries
        .find(transport, method, status, () =>
          sent.with({ method, transport, code: String(status) as (typeof codes)[number] }),
        )
        .inc();
      if (status < 200) return;
      durationSeries
        .find(transport, method, status, () =>
          duration.with({
            method,
            transport,
            code_class: `${Math.floor(status / 100)}xx` as (typeof classes)[number],
          }),
        )
        .observe((clock.nowMs() - receivedAtMs) / 1000);
    },
    retransmission: (method, transport) =>
      retransmissions.with({ method: method as Method, transport }).inc(),
    parseError: (transport) => parseErrors.with({ transport }).inc(),
    dropped: (transport, reason) => drops.with({ transport, reason }).inc(),
  };
}

/** Series by transport, method and status, found without joining labels into a key. Bounded: foreign methods are not kept. */
class SeriesOf<Series> {
  readonly #byTransport = new Map<TransportName, Map<string, Map<number, Series>>>();

  find(transport: TransportName, method: string, status: number, create: () => Series): Series {
    let byMethod = this.#byTransport.get(transport);
    if (byMethod === undefined) {
      byMethod = new Map();
      this.#byTransport.set(transport, byMethod);
    }
    let byStatus = byMethod.get(method);
    if (byStatus === undefined) {
      byStatus = new Map();
      if ((knownMethods as readonly string[]).includes(method)) byMethod.set(method, byStatus);
    }
    let series = byStatus.get(status);
    if (series === undefined) {
      series = create();
      byStatus.set(status, series);
    }
    return series;
  }
}

/** Reads the sockets' counters and the number of transactions at each scrape. */
export function exposeTransportStats(
  metrics: Metrics,
  stats: ReadonlyMap<TransportName, TransportStats>,
  transactionCount: () => number,
): void {
  metrics.gauge({
    name: 'rollcall_connections_active',
    help: 'Open connections of stream transports.',
    labels: { transport: transports },
    collect: (gauge) => {
      for (const [transport, { connectionsOpen }] of stats) gauge.with({ transport }).set(connectionsOpen);
    },
  });
  metrics.gauge({
    name: 'rollcall_sip_transactions',
    help: 'Server transactions held now.',
    collect: (gauge) => gauge.with({}).set(transactionCount()),
  });
}
