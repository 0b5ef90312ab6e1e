import { type CounterSeries, type HistogramSeries, type Metrics, sipBuckets } from '@rollcall/runtime';
import type { SipParseError } from '@rollcall/sip';
import type { TransactionEvent } from '@rollcall/transaction';
import type { TransportName } from '@rollcall/transport';
import type { Exchange } from './exchange.ts';
import { isKnownMethod, knownMethods } from './methods.ts';
import { parseReasonOf, parseReasons } from './parse-reasons.ts';
import { responseCodes } from './response-codes.ts';

/** Requests are counted by all methods known; for what has more labels those that this server serves are enough. */
const methods = [...knownMethods, 'other'] as const;
const servedMethods = ['REGISTER', 'INVITE', 'OPTIONS', 'other'] as const;
const timedMethods = ['REGISTER', 'INVITE', 'other'] as const;
/** A phone that is called may answer with any code; beyond so many series its answers count as 'other'. */
const mostForeignSeries = 60;
const classes = ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'] as const;
const dropReasons = ['malformed', 'stray_response', 'bug'] as const;
const shedReasons = [
  'transactions_full',
  'backend_overload',
  'backend_unavailable',
  'backend_deadline',
] as const;

/** Why a message was answered with silence, where the transport did take it. */
export type DropReason = (typeof dropReasons)[number];

/** Why a request was answered 503 without being looked at any further. */
export type ShedReason = (typeof shedReasons)[number];

type Method = (typeof methods)[number];
type ServedMethod = (typeof servedMethods)[number];

/** What the edge counts. Every call is on the hot path: series are looked up once and kept. */
export interface EdgeMetrics {
  /** A new transaction's request. */
  received(exchange: Exchange): void;
  /** A response was sent. */
  replied(exchange: Exchange, status: number): void;
  /** A request came again, and went no further. */
  retransmission(method: string, transport: TransportName): void;
  /** Bytes that are no SIP message. */
  parseError(transport: TransportName, error: SipParseError): void;
  /** A response to a request of ours, or to one that was forwarded, came; perhaps again. */
  responseReceived(status: number): void;
  /** Something was received and answered with silence. */
  dropped(transport: TransportName, reason: DropReason): void;
  /** A request could not be served now: 503. */
  shed(method: string, reason: ShedReason): void;
  /** Something happened in a server transaction. */
  transactionEvent(event: TransactionEvent): void;
  /** Something happened in a client transaction. */
  clientTransactionEvent(event: TransactionEvent): void;
}

/** Registers what the edge counts of messages; `transports` are those it listens on. */
export function createEdgeMetrics(
  metrics: Metrics,
  clock: { nowMs(): number },
  transports: readonly TransportName[],
): EdgeMetrics {
  const received = metrics.counter({
    name: 'rollcall_sip_requests_received_total',
    help: 'SIP requests that began a transaction, retransmissions not counted.',
    labels: { method: methods, transport: transports },
    preCreate: false,
  });
  for (const transport of transports)
    for (const method of ['REGISTER', 'INVITE', 'SUBSCRIBE', 'OPTIONS'] as const)
      received.with({ method, transport });
  const retransmissions = metrics.counter({
    name: 'rollcall_sip_retransmissions_received_total',
    help: 'Requests that came again and were absorbed by their transaction.',
    labels: { method: servedMethods, transport: transports },
  });
  const parseErrors = metrics.counter({
    name: 'rollcall_sip_parse_errors_total',
    help: 'Messages that could not be parsed, by what was wrong with them; framing: their end could not be told.',
    labels: { transport: transports, reason: parseReasons },
  });
  const drops = metrics.counter({
    name: 'rollcall_sip_messages_dropped_total',
    help: 'SIP messages answered with silence; bug: by a mistake of ours, which the log describes.',
    labels: { transport: transports, reason: dropReasons },
  });
  const shed = metrics.counter({
    name: 'rollcall_sip_requests_shed_total',
    help: 'Requests answered 503 by the edge: its own table is full, or what is behind it is overloaded, away or late.',
    labels: { method: servedMethods, reason: shedReasons },
  });
  const replies = followReplies(metrics, transports);
  const { transactionEvent, clientTransactionEvent } = followTransactions(metrics);
  const receivedSeries = new SeriesByMethod<CounterSeries>((method, transport) =>
    received.with({ method: method as Method, transport }),
  );
  return {
    received: ({ request, flow }) => receivedSeries.find(request.method, flow.transport).inc(),
    replied: ({ request, flow, receivedAtMs }, status) => {
      const series = replies.find(request.method, flow.transport);
      series.countOf(status).inc();
      if (status >= 200) series.secondsOf(status).observe((clock.nowMs() - receivedAtMs) / 1000);
    },
    retransmission: (method, transport) =>
      retransmissions.with({ method: method as ServedMethod, transport }).inc(),
    parseError: (transport, error) => parseErrors.with({ transport, reason: parseReasonOf(error) }).inc(),
    responseReceived: countResponses(metrics),
    dropped: (transport, reason) => drops.with({ transport, reason }).inc(),
    shed: (method, reason) => shed.with({ method: method as ServedMethod, reason }).inc(),
    transactionEvent,
    clientTransactionEvent,
  };
}

/** The series of the responses to one method by one transport. */
interface ReplySeries {
  countOf(status: number): CounterSeries;
  secondsOf(status: number): HistogramSeries;
}

function followReplies(metrics: Metrics, transports: readonly TransportName[]): SeriesByMethod<ReplySeries> {
  const sent = metrics.counter({
    name: 'rollcall_sip_responses_sent_total',
    help: 'SIP responses sent, retransmissions not counted.',
    labels: { method: servedMethods, code: responseCodes, transport: transports },
    preCreate: false,
  });
  const seconds = metrics.histogram({
    name: 'rollcall_sip_request_duration_seconds',
    help: 'Time from the receipt of a request to its final response.',
    labels: { method: timedMethods, code_class: classes },
    buckets: sipBuckets,
    preCreate: false,
  });
  // What alerts look for, so that the first one is seen as a rise from 0.
  for (const transport of transports)
    for (const code of ['200', '401', '500', '503'] as const)
      sent.with({ method: 'REGISTER', code, transport });
  for (const code_class of ['2xx', '4xx', '5xx'] as const) seconds.with({ method: 'REGISTER', code_class });
  let foreignSeries = 0;
  const countFor = (name: string, transport: TransportName, status: number) => {
    const isOwn = name === 'REGISTER';
    if (!isOwn) foreignSeries += 1;
    const code = isOwn || foreignSeries <= mostForeignSeries ? String(status) : 'other';
    return sent.with({
      method: name as ServedMethod,
      transport,
      code: code as (typeof responseCodes)[number],
    });
  };
  return new SeriesByMethod((name, transport) => {
    const counts = new Map<number, CounterSeries>();
    const durations: (HistogramSeries | undefined)[] = [];
    return {
      countOf: (status) => {
        let series = counts.get(status);
        if (series === undefined) {
          series = countFor(name, transport, status);
          counts.set(status, series);
        }
        return series;
      },
      secondsOf: (status) => {
        const kind = Math.floor(status / 100);
        durations[kind] ??= seconds.with({
          method: name as 'other',
          code_class: `${kind}xx` as (typeof classes)[number],
        });
        return durations[kind];
      },
    };
  });
}

function countResponses(metrics: Metrics): (status: number) => void {
  const received = metrics.counter({
    name: 'rollcall_sip_responses_received_total',
    help: 'Responses to requests that this edge sent or forwarded, repetitions counted.',
    labels: { code: responseCodes },
    preCreate: false,
  });
  const series = new Map<number, CounterSeries>();
  const seriesOf = (status: number) => {
    const made = received.with({ code: String(status) as (typeof responseCodes)[number] });
    series.set(status, made);
    return made;
  };
  for (const status of [200, 408, 481, 503]) seriesOf(status);
  return (status) => (series.get(status) ?? seriesOf(status)).inc();
}

function followTransactions(
  metrics: Metrics,
): Pick<EdgeMetrics, 'transactionEvent' | 'clientTransactionEvent'> {
  const resent = metrics
    .counter({
      name: 'rollcall_sip_retransmissions_sent_total',
      help: 'Messages sent again: responses to a request that came again, or for want of an ACK; requests of our own for want of a response.',
    })
    .with({});
  const timeouts = metrics.counter({
    name: 'rollcall_sip_transaction_timeouts_total',
    help: 'Transactions that ran out of time: ack_missing = nobody acknowledged the final response; unanswered = it was never given (server), or never came (client).',
    labels: { side: ['server', 'client'], reason: ['ack_missing', 'unanswered'] },
    preCreate: false,
  });
  const forgotten = metrics
    .counter({
      name: 'rollcall_sip_answers_forgotten_total',
      help: 'Responses given up before their time (64*T1) to make room; a late retransmission is then processed anew.',
    })
    .with({});
  const ackMissing = timeouts.with({ side: 'server', reason: 'ack_missing' });
  const unanswered = timeouts.with({ side: 'server', reason: 'unanswered' });
  const clientUnanswered = timeouts.with({ side: 'client', reason: 'unanswered' });
  return {
    transactionEvent: (event) => {
      if (event === 'response-resent') resent.inc();
      else if (event === 'ack-missing') ackMissing.inc();
      else if (event === 'unanswered') unanswered.inc();
      else if (event === 'answer-forgotten') forgotten.inc();
    },
    clientTransactionEvent: (event) => {
      if (event === 'request-resent') resent.inc();
      else if (event === 'unanswered') clientUnanswered.inc();
    },
  };
}

/** Series by transport and method, found without joining labels into a key. Bounded: foreign methods share one entry. */
class SeriesByMethod<Series> {
  readonly #create: (method: string, transport: TransportName) => Series;
  readonly #byTransport = new Map<TransportName, Map<string, Series>>();

  constructor(create: (method: string, transport: TransportName) => Series) {
    this.#create = create;
  }

  find(method: string, transport: TransportName): Series {
    let byMethod = this.#byTransport.get(transport);
    if (byMethod === undefined) {
      byMethod = new Map();
      this.#byTransport.set(transport, byMethod);
    }
    return byMethod.get(method) ?? this.#add(byMethod, method, transport);
  }

  /** Foreign methods are not kept by their names: there may be any number of them. */
  #add(byMethod: Map<string, Series>, method: string, transport: TransportName): Series {
    const name = isKnownMethod(method) ? method : 'other';
    const series = byMethod.get(name) ?? this.#create(name, transport);
    byMethod.set(name, series);
    return series;
  }
}
