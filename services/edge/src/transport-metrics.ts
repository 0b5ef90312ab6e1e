import type { Metrics } from '@rollcall/runtime';
import {
  type CloseReason,
  createTransportStats,
  type DropReason,
  type Listener,
  type ProxyError,
  type TransportName,
  type TransportStats,
} from '@rollcall/transport';

/** Counters by transport; all listeners of one share them. */
export type StatsByTransport = ReadonlyMap<TransportName, TransportStats>;

const zero = createTransportStats();
const closeReasons = Object.keys(zero.connectionsClosed) as CloseReason[];
const proxyErrors = Object.keys(zero.proxyErrors) as ProxyError[];
/** Keep-alives reach their end, and STUN is answered; all other reasons of the transport are losses. */
const dropReasons = (Object.keys(zero.dropped) as DropReason[]).filter(
  (reason) => reason !== 'keep-alive' && reason !== 'stun',
);

/**
 * Shows the sockets' own counters, read at each scrape.
 *
 * @param maxConnections what each listener of streams takes
 * @param listeners those whose stats these are; perhaps opened later
 */
export function exposeTransportStats(
  metrics: Metrics,
  stats: StatsByTransport,
  maxConnections: number,
  listeners: readonly Pick<Listener, 'transport' | 'sendQueueBytes'>[],
): void {
  exposeTraffic(metrics, stats);
  exposeConnections(metrics, stats, maxConnections);
  exposeProxyErrors(metrics, stats);
  exposeSendQueues(metrics, stats, listeners);
  metrics.counter({
    name: 'rollcall_transport_dropped_total',
    help: 'What sockets took and gave up before it was a SIP message, connections refused, and messages that could not be sent.',
    labels: { transport: [...stats.keys()], reason: dropReasons.map(labelOf) },
    preCreate: false,
    collect: (counter) => {
      for (const [transport, { dropped }] of stats) {
        for (const reason of dropReasons.filter((each) => happensOn(transport, each)))
          counter.with({ transport, reason: labelOf(reason) }).raiseTo(dropped[reason]);
      }
    },
  });
  metrics.counter({
    name: 'rollcall_keepalives_received_total',
    help: 'Keep-alives of phones: CRLFs (RFC 5626 section 3.5.1) and empty datagrams, STUN over UDP, pings of WebSockets. All were answered but those of CRLF over UDP.',
    labels: { transport: [...stats.keys()], kind: ['crlf', 'stun', 'ws_ping'] },
    preCreate: false,
    collect: (counter) => {
      for (const [transport, each] of stats) {
        const lineEnds = each.dropped['keep-alive'] + each.keepAlivesAnswered;
        counter.with({ transport, kind: 'crlf' }).raiseTo(lineEnds);
        if (transport === 'udp') counter.with({ transport, kind: 'stun' }).raiseTo(each.stunReceived);
        if (transport.startsWith('ws'))
          counter.with({ transport, kind: 'ws_ping' }).raiseTo(each.pingsAnswered);
      }
    },
  });
}

function exposeSendQueues(
  metrics: Metrics,
  stats: StatsByTransport,
  listeners: readonly Pick<Listener, 'transport' | 'sendQueueBytes'>[],
): void {
  const transports = [...stats.keys()].filter((transport) => transport !== 'udp');
  metrics.gauge({
    name: 'rollcall_stream_send_queue_bytes',
    help: 'Bytes that peers on streams have not taken yet, beyond what the kernel holds, of all connections.',
    labels: { transport: transports },
    collect: (gauge) => {
      for (const transport of transports) {
        const ofIt = listeners.filter((each) => each.transport === transport);
        gauge.with({ transport }).set(ofIt.reduce((sum, each) => sum + (each.sendQueueBytes ?? 0), 0));
      }
    },
  });
  metrics.counter({
    name: 'rollcall_stream_backpressure_closes_total',
    help: 'Connections that were ended since their peer took too little of what was sent to it.',
    labels: { transport: transports },
    collect: (counter) => {
      for (const transport of transports)
        counter.with({ transport }).raiseTo(stats.get(transport)?.connectionsClosed['slow-reader'] ?? 0);
    },
  });
}

function exposeTraffic(metrics: Metrics, stats: StatsByTransport): void {
  const show = (name: string, help: string, read: (stats: TransportStats) => number) =>
    metrics.counter({
      name,
      help,
      labels: { transport: [...stats.keys()] },
      collect: (counter) => {
        for (const [transport, each] of stats) counter.with({ transport }).raiseTo(read(each));
      },
    });
  show(
    'rollcall_network_received_bytes_total',
    'Bytes of payload received.',
    ({ bytesReceived }) => bytesReceived,
  );
  show('rollcall_network_sent_bytes_total', 'Bytes of payload sent.', ({ bytesSent }) => bytesSent);
  show(
    'rollcall_network_received_packets_total',
    'Datagrams received; of streams, whole SIP messages.',
    (each) => each.datagramsReceived + each.streamMessagesReceived,
  );
  show(
    'rollcall_network_sent_packets_total',
    'Datagrams sent; to streams, messages and answers to keep-alives.',
    (each) => each.datagramsSent + each.streamMessagesSent,
  );
}

function exposeConnections(metrics: Metrics, stats: StatsByTransport, maxConnections: number): void {
  const streams = [...stats].filter(([transport]) => transport !== 'udp');
  const transports = streams.map(([transport]) => transport);
  metrics.gauge({
    name: 'rollcall_connections_active',
    help: 'Open connections of stream transports.',
    labels: { transport: transports },
    collect: (gauge) => {
      for (const [transport, { connectionsOpen }] of streams) gauge.with({ transport }).set(connectionsOpen);
    },
  });
  const limit = metrics.gauge({
    name: 'rollcall_connections_limit',
    help: 'Connections that one listener takes; beyond it new ones are closed at once.',
    labels: { transport: transports },
  });
  for (const transport of transports) limit.with({ transport }).set(maxConnections);
  metrics.counter({
    name: 'rollcall_connections_opened_total',
    help: 'Connections accepted or made.',
    labels: { transport: transports },
    collect: (counter) => {
      for (const [transport, each] of streams) counter.with({ transport }).raiseTo(each.connectionsOpened);
    },
  });
  metrics.counter({
    name: 'rollcall_connections_closed_total',
    help: 'Connections that ended, by who or what ended them; shutdown: our own stop.',
    labels: { transport: transports, reason: closeReasons.map(labelOf) },
    collect: (counter) => {
      for (const [transport, { connectionsClosed }] of streams) {
        for (const reason of closeReasons)
          counter.with({ transport, reason: labelOf(reason) }).raiseTo(connectionsClosed[reason]);
      }
    },
  });
}

function exposeProxyErrors(metrics: Metrics, stats: StatsByTransport): void {
  const streams = [...stats].filter(([transport]) => transport !== 'udp');
  metrics.counter({
    name: 'rollcall_proxy_protocol_errors_total',
    help: 'Connections of proxies (EDGE_PROXY_PROTOCOL_FROM) that were closed for want of a good PROXY header, by what was wrong with it.',
    labels: { transport: streams.map(([transport]) => transport), reason: proxyErrors.map(labelOf) },
    collect: (counter) => {
      for (const [transport, each] of streams) {
        for (const reason of proxyErrors)
          counter.with({ transport, reason: labelOf(reason) }).raiseTo(each.proxyErrors[reason]);
      }
    },
  });
}

const onlyDatagrams: ReadonlySet<DropReason> = new Set([
  'garbage',
  'too-short',
  'stopped',
  'send-not-an-address',
]);
const onlyConnections: ReadonlySet<DropReason> = new Set([
  'connection-limit',
  'source-limit',
  'handshake-failed',
  'handshake-timeout',
]);

function happensOn(transport: TransportName, reason: DropReason): boolean {
  return !(transport === 'udp' ? onlyConnections : onlyDatagrams).has(reason);
}

/** Prometheus writes words apart with "_". */
function labelOf(reason: string): string {
  return reason.replaceAll('-', '_');
}
