import type { RowSpec } from './panel.ts';
import { quantile, rate, sum } from './queries.ts';

/** What the edge and its sockets do. */
export const edgeRows: readonly RowSpec[] = [
  {
    title: 'Edge: messages',
    panels: [
      {
        kind: 'stack',
        title: 'Requests by method',
        description: 'Requests that began a transaction.',
        unit: 'reqps',
        queries: { '{{method}}': `${sum('method', rate('rollcall_sip_requests_received_total'))} > 0` },
      },
      {
        kind: 'stack',
        title: 'Responses by class',
        description: 'Final responses that the edge gave, to all methods.',
        unit: 'reqps',
        queries: {
          '{{code_class}}': `${sum('code_class', rate('rollcall_sip_request_duration_seconds_count'))} > 0`,
        },
      },
      {
        kind: 'stack',
        title: 'Responses of phones and edges',
        description:
          'What came back for requests that this edge forwarded or sent itself (NOTIFY), by code. 408 and 481 in numbers: phones that are gone.',
        unit: 'reqps',
        queries: { '{{code}}': `${sum('code', rate('rollcall_sip_responses_received_total'))} > 0` },
      },
      {
        kind: 'lines',
        title: 'Duration of requests',
        description: 'From receipt to final response, all methods.',
        unit: 's',
        queries: {
          p50: quantile(0.5, 'rollcall_sip_request_duration_seconds'),
          p90: quantile(0.9, 'rollcall_sip_request_duration_seconds'),
          p99: quantile(0.99, 'rollcall_sip_request_duration_seconds'),
        },
      },
      {
        kind: 'lines',
        title: 'Retransmissions',
        description:
          'Requests that came again, as part of all UDP requests, and responses sent again. Above 5 %: slow answers, or answers that do not arrive.',
        unit: 'percentunit',
        queries: {
          received: `${sum('', rate('rollcall_sip_retransmissions_received_total', ',transport="udp"'))} / ${sum('', rate('rollcall_sip_requests_received_total', ',transport="udp"'))}`,
          sent: `${sum('', rate('rollcall_sip_retransmissions_sent_total'))} / ${sum('', rate('rollcall_sip_requests_received_total'))}`,
        },
      },
      {
        kind: 'lines',
        title: 'Not answered, by reason',
        description:
          'What could not be parsed or used, or was dropped by the sockets. Scanners cause a little of it always; a proxy without a good PROXY header is set up wrong.',
        unit: 'pps',
        queries: {
          '{{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_sip_messages_dropped_total'))} > 0`,
          'socket: {{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_transport_dropped_total'))} > 0`,
          'unparsable: {{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_sip_parse_errors_total'))} > 0`,
          'PROXY header: {{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_proxy_protocol_errors_total'))} > 0`,
        },
      },
      {
        kind: 'stack',
        title: 'Requests by transport, all pods',
        description: 'Requests that began a transaction, whatever pod is chosen above.',
        unit: 'reqps',
        queries: {
          '{{transport}}':
            'sum by (transport) (cluster_namespace_method_transport:rollcall_sip_requests:rate5m{cluster=~"$cluster",namespace=~"$namespace"})',
        },
      },
      {
        kind: 'lines',
        title: 'Transactions',
        description:
          'Under way, as server and as client, and answers kept for retransmissions (32 s of them over UDP).',
        unit: 'short',
        queries: {
          '{{side}} {{kind}}': sum('side, kind', 'rollcall_sip_transactions{SELECT}'),
          'answers kept': 'sum(rollcall_sip_answers_kept{SELECT})',
        },
      },
      {
        kind: 'lines',
        title: 'Transactions that ran out of time',
        description:
          'ack_missing: no ACK came. unanswered: nobody behind the edge answered. Answers forgotten: the table was too small.',
        unit: 'ops',
        queries: {
          '{{reason}}': sum('reason', rate('rollcall_sip_transaction_timeouts_total')),
          'answers forgotten': sum('', rate('rollcall_sip_answers_forgotten_total')),
        },
      },
    ],
  },
  {
    title: 'Edge: sockets',
    panels: [
      {
        kind: 'lines',
        title: 'Traffic',
        description: 'Payload in and out.',
        unit: 'Bps',
        queries: {
          'in {{transport}}': sum('transport', rate('rollcall_network_received_bytes_total')),
          'out {{transport}}': sum('transport', rate('rollcall_network_sent_bytes_total')),
        },
      },
      {
        kind: 'lines',
        title: 'Packets and keep-alives',
        description: 'Datagrams and stream messages, and the keep-alives of phones by their kind.',
        unit: 'pps',
        queries: {
          'in {{transport}}': sum('transport', rate('rollcall_network_received_packets_total')),
          'out {{transport}}': sum('transport', rate('rollcall_network_sent_packets_total')),
          'keep-alives {{transport}} {{kind}}': sum(
            'transport, kind',
            rate('rollcall_keepalives_received_total'),
          ),
        },
      },
      {
        kind: 'lines',
        title: 'Connections',
        description: 'Open connections by pod, against what one listener takes.',
        unit: 'short',
        queries: {
          '{{pod}} {{transport}}': sum('pod, transport', 'rollcall_connections_active{SELECT}'),
          'limit {{transport}}': 'max by (transport) (rollcall_connections_limit{SELECT})',
        },
      },
      {
        kind: 'lines',
        title: 'Connections opened, and ended by reason',
        description: 'Many at once: a load balancer, a NAT or a pod went away, and its phones come back.',
        unit: 'cps',
        queries: {
          'opened {{transport}}': sum('transport', rate('rollcall_connections_opened_total')),
          'ended: {{reason}}': `${sum('reason', rate('rollcall_connections_closed_total'))} > 0`,
        },
      },
      {
        kind: 'lines',
        title: 'Flows',
        description:
          'Connections that an AOR was registered by and that its calls go along. Far fewer than open connections: many do not register.',
        unit: 'short',
        queries: { '{{pod}} {{transport}}': sum('pod, transport', 'rollcall_flows{SELECT}') },
      },
      {
        kind: 'lines',
        title: 'Slow readers',
        description:
          'Bytes that peers on streams have not taken yet, and connections in 5 minutes that were ended for it (the axis is that of the bytes).',
        unit: 'bytes',
        queries: {
          'waiting {{transport}}': sum('transport', 'rollcall_stream_send_queue_bytes{SELECT}'),
          'ended {{transport}}':
            'sum by (transport) (increase(rollcall_stream_backpressure_closes_total{SELECT}[5m]))',
        },
      },
      {
        kind: 'lines',
        title: 'TLS handshakes: duration',
        description:
          'Of those that succeeded. Growing at many: no CPU is left, as after an edge was lost and all its phones come at once. Empty without TLS.',
        unit: 's',
        queries: {
          'p50 {{transport}}': quantile(0.5, 'rollcall_tls_handshake_duration_seconds', 'transport, le'),
          'p99 {{transport}}': quantile(0.99, 'rollcall_tls_handshake_duration_seconds', 'transport, le'),
        },
      },
      {
        kind: 'lines',
        title: 'TLS handshakes that failed',
        description:
          'not_tls and unfinished: scanners and health checks. own_certificate: phones refuse ours, look at its chain and its end.',
        unit: 'cps',
        queries: {
          '{{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_tls_handshake_failures_total'))} > 0`,
        },
      },
      {
        kind: 'lines',
        title: 'Certificate',
        description:
          'Days that the TLS certificates are still good for, to phones and peers (sip) and to other services (grpc_client), and changes of their files: a failure leaves the ones before. Without TLS empty.',
        unit: 'short',
        queries: {
          'days left: {{usage}}':
            '(min by (usage) (rollcall_tls_certificate_not_after_timestamp_seconds{SELECT}) - time()) / 86400',
          'read again: {{result}}':
            'sum by (result) (increase(rollcall_tls_certificate_reloads_total{SELECT}[1h]))',
        },
      },
      {
        kind: 'lines',
        title: 'Uneven pods',
        description: 'The fullest pod against the average. Far above 1: connections stick to old pods.',
        unit: 'short',
        queries: {
          'max / average':
            'max(rollcall_connections_active{SELECT}) / (avg(rollcall_connections_active{SELECT}) > 0)',
        },
      },
      {
        kind: 'lines',
        title: 'Kernel queue of UDP sockets',
        description: 'Bytes that wait to be read. They grow before drops begin.',
        unit: 'bytes',
        queries: { '{{pod}} {{listener}}': 'rollcall_udp_receive_queue_bytes{SELECT}' },
      },
    ],
  },
];
