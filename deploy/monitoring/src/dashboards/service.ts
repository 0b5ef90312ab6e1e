import type { DashboardSpec } from './dashboard.ts';

const rate = (metric: string, labels = '') => `rate(${metric}{SELECT${labels}}[$__rate_interval])`;
const sum = (by: string, expr: string) => `sum by (${by}) (${expr})`;
const quantile = (part: number, metric: string, by = 'le', labels = '') =>
  `histogram_quantile(${part}, ${sum(by, rate(`${metric}_bucket`, labels))})`;

/** Every service in detail, pod by pod: for whoever looks for the cause. */
export const serviceDashboard: DashboardSpec = {
  uid: 'rollcall-service',
  title: 'Rollcall / Services',
  description: 'Edge, registrar, auth, location, redirect and the calls between them, by pod.',
  byPod: true,
  rows: [
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
            'What could not be parsed or used, or was dropped by the sockets. Scanners cause a little of it always.',
          unit: 'pps',
          queries: {
            '{{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_sip_messages_dropped_total'))} > 0`,
            'socket: {{transport}} {{reason}}': `${sum('transport, reason', rate('rollcall_transport_dropped_total'))} > 0`,
            'unparsable: {{transport}}': `${sum('transport', rate('rollcall_sip_parse_errors_total'))} > 0`,
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
          description: 'Under way, and answers kept for retransmissions (32 s of them over UDP).',
          unit: 'short',
          queries: {
            '{{kind}}': sum('kind', 'rollcall_sip_transactions{SELECT}'),
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
          description: 'Datagrams and stream messages, and the keep-alives of phones.',
          unit: 'pps',
          queries: {
            'in {{transport}}': sum('transport', rate('rollcall_network_received_packets_total')),
            'out {{transport}}': sum('transport', rate('rollcall_network_sent_packets_total')),
            'keep-alives {{transport}}': sum('transport', rate('rollcall_keepalives_received_total')),
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
          title: 'Certificate',
          description:
            'Days that the TLS certificate is still good for, and changes of its files: a failure leaves the one before. Without TLS listeners empty.',
          unit: 'short',
          queries: {
            'days left':
              '(min(rollcall_tls_certificate_not_after_timestamp_seconds{SELECT}) - time()) / 86400',
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
    {
      title: 'Registrar and auth',
      panels: [
        {
          kind: 'lines',
          title: 'Registrar: time to an outcome',
          description: 'Without the edge. Includes auth and location.',
          unit: 's',
          queries: {
            'p50 {{operation}}': quantile(0.5, 'rollcall_registration_duration_seconds', 'operation, le'),
            'p99 {{operation}}': quantile(0.99, 'rollcall_registration_duration_seconds', 'operation, le'),
          },
        },
        {
          kind: 'lines',
          title: 'Vectors: at hand, asked for, on grace',
          description: 'grace: auth does not answer, kept vectors are trusted for refreshes.',
          unit: 'ops',
          queries: { '{{result}}': sum('result', rate('rollcall_auth_credential_cache_requests_total')) },
        },
        {
          kind: 'lines',
          title: 'Wrong credentials, replays, lock-outs',
          description:
            'Guessing shows as failures of many users; a clock or a key that differs between pods as stale and replayed nonces.',
          unit: 'ops',
          queries: {
            'wrong credentials': sum('', rate('rollcall_registrations_total', ',reason="auth_failed"')),
            'replayed nonces': sum('', rate('rollcall_registrations_total', ',reason="nonce_replayed"')),
            'stale nonces': sum('', rate('rollcall_registrations_total', ',reason="stale"')),
            'lock-outs': `max(${rate('rollcall_auth_lockouts_total')})`,
            'replays at auth': sum('', rate('rollcall_auth_nonce_replays_total')),
            'reported failures': sum('', rate('rollcall_auth_failure_reports_total')),
          },
        },
        {
          kind: 'lines',
          title: 'Auth: sources of credentials',
          description:
            'Slowest hundredth of questions to the subscribers and to the shared store, and of Verify as a whole.',
          unit: 's',
          queries: {
            'p99 {{backend}}': quantile(0.99, 'rollcall_auth_backend_duration_seconds', 'backend, le'),
            'p99 Verify {{outcome}}': quantile(0.99, 'rollcall_auth_duration_seconds', 'outcome, le'),
          },
        },
        {
          kind: 'lines',
          title: 'Auth: given out',
          description: 'Nonces issued and vectors asked for; unknown ones are users that do not exist.',
          unit: 'ops',
          queries: {
            nonces: sum('', rate('rollcall_auth_nonces_issued_total')),
            'vectors: {{result}}': sum('result', rate('rollcall_auth_vectors_total')),
            'verify: {{outcome}}': `${sum('outcome', rate('rollcall_auth_requests_total'))} > 0`,
          },
        },
        {
          kind: 'lines',
          title: 'Kept true',
          description:
            'Registrars that hear auth (1 each), those that auth counts, vectors kept, subscribers known.',
          unit: 'short',
          queries: {
            'hears auth: {{pod}}': 'rollcall_registrar_subscriber_watch_live{SELECT}',
            'watchers of {{pod}}': 'rollcall_auth_watchers{SELECT}',
            'vectors in {{pod}}': 'rollcall_registrar_cached_vectors{SELECT}',
            subscribers: 'max(rollcall_auth_subscribers{SELECT})',
          },
        },
      ],
    },
    {
      title: 'Reg event',
      panels: [
        {
          kind: 'lines',
          title: 'SUBSCRIBE by outcome',
          description:
            'Subscriptions to registrations (RFC 3680): first requests and refreshes, as the registrar decides.',
          unit: 'reqps',
          queries: { '{{outcome}}': sum('outcome', rate('rollcall_subscribes_total')) },
        },
        {
          kind: 'lines',
          title: 'Subscriptions',
          description:
            'Held by edges; and the streams by which registrars tell them of contacts, as many in all.',
          unit: 'short',
          queries: {
            'held by {{pod}}': 'rollcall_subscriptions{SELECT}',
            'watches at {{pod}}': 'rollcall_registrar_watches{SELECT}',
          },
        },
        {
          kind: 'lines',
          title: 'NOTIFYs by outcome, and subscriptions that ended',
          description:
            'refused, timeout and unreachable end a subscription. Many that ended: an edge stops, or watchers went away.',
          unit: 'reqps',
          queries: {
            '{{outcome}}': sum('outcome', rate('rollcall_notifies_total')),
            'ended: {{reason}}': `${sum('reason', rate('rollcall_subscriptions_ended_total'))} > 0`,
          },
        },
      ],
    },
    {
      title: 'Location and Redis',
      panels: [
        {
          kind: 'stack',
          title: 'Commands by operation',
          description: 'Commands to the store.',
          unit: 'ops',
          queries: {
            '{{operation}}': sum('operation', rate('rollcall_store_operation_duration_seconds_count')),
          },
        },
        {
          kind: 'lines',
          title: 'Slowest hundredth by operation',
          description: 'From asking to the answer. Above 50 ms for ten minutes is a ticket.',
          unit: 's',
          queries: {
            '{{operation}}': quantile(0.99, 'rollcall_store_operation_duration_seconds', 'operation, le'),
          },
        },
        {
          kind: 'lines',
          title: 'Errors, conflicts, decided anew',
          description: 'Conflicts: two processes changed one AOR at once; they are resolved, not lost.',
          unit: 'ops',
          queries: {
            '{{outcome}}': sum(
              'outcome',
              rate('rollcall_store_operation_duration_seconds_count', ',outcome!="success"'),
            ),
            'anew: {{reason}}': sum('reason', rate('rollcall_store_retries_total')),
          },
        },
        {
          kind: 'lines',
          title: 'Connection to Redis',
          description:
            '1 = connected. Commands without an answer yet, and connections made anew in 5 minutes.',
          unit: 'short',
          queries: {
            'connected: {{pod}}': 'rollcall_store_connected{SELECT}',
            'waiting: {{pod}}': 'rollcall_store_pending_commands{SELECT}',
            'anew: {{pod}}': 'increase(rollcall_store_reconnects_total{SELECT}[5m])',
          },
        },
        {
          kind: 'lines',
          title: 'Expiry',
          description: 'How late expired bindings are taken out; AORs due at the last sweep.',
          unit: 's',
          queries: {
            'p99 lag': quantile(0.99, 'rollcall_expiry_lag_seconds'),
            'backlog (AORs)': 'max(rollcall_expiry_backlog{SELECT})',
          },
        },
        {
          kind: 'lines',
          title: 'Watches',
          description:
            'Services that watch bindings, what they are told, and how often one has to start over.',
          unit: 'short',
          queries: {
            watches: 'sum(rollcall_watch_streams{SELECT})',
            'events/s': sum('', rate('rollcall_watch_events_sent_total')),
            'start over/s: {{reason}}': sum('reason', rate('rollcall_watch_resyncs_total')),
          },
        },
        {
          kind: 'heatmap',
          title: 'Bindings of an AOR',
          description: 'How many contacts users have after a registration.',
          unit: 'short',
          queries: { '{{le}}': sum('le', rate('rollcall_registration_contacts_bucket')) },
        },
      ],
    },
    {
      title: 'Redirect and gRPC',
      panels: [
        {
          kind: 'stack',
          title: 'Look-ups for callers, by outcome',
          description: 'What callers got. unavailable: our fault.',
          unit: 'reqps',
          queries: { '{{outcome}}': sum('outcome', rate('rollcall_redirect_lookups_total')) },
        },
        {
          kind: 'lines',
          title: 'Redirect: duration and contacts',
          description: 'Slowest hundredth, and contacts of an average answer.',
          unit: 's',
          queries: {
            'p99 {{outcome}}': quantile(0.99, 'rollcall_redirect_lookup_duration_seconds', 'outcome, le'),
            'contacts (average)': `${sum('', rate('rollcall_redirect_contacts_sum'))} / (${sum('', rate('rollcall_redirect_contacts_count'))} > 0)`,
          },
        },
        {
          kind: 'lines',
          title: 'Calls served, by method',
          description: 'An item of a batched stream counts as a call.',
          unit: 'reqps',
          queries: { '{{grpc_method}}': sum('grpc_method', rate('grpc_server_handled_total')) },
        },
        {
          kind: 'lines',
          title: 'Calls that failed, by service and code',
          description: 'As the caller sees it.',
          unit: 'reqps',
          queries: {
            '{{grpc_service}} {{grpc_code}}': `${sum('grpc_service, grpc_code', rate('grpc_client_handled_total', ',grpc_code!="OK"'))} > 0`,
            'tried again: {{grpc_service}}': `${sum('grpc_service', rate('rollcall_grpc_client_retries_total'))} > 0`,
          },
        },
        {
          kind: 'lines',
          title: 'Slowest hundredth of calls',
          description: 'As seen by the caller and by the server; the difference is network and queue.',
          unit: 's',
          queries: {
            'caller: {{grpc_method}}': quantile(0.99, 'grpc_client_handling_seconds', 'grpc_method, le'),
            'server: {{grpc_method}}': quantile(0.99, 'grpc_server_handling_seconds', 'grpc_method, le'),
          },
        },
        {
          kind: 'lines',
          title: 'Items of a batch',
          description:
            'Registrations and look-ups that travel as one message. It grows with load, which is what makes load cheap.',
          unit: 'short',
          queries: {
            'sent: {{grpc_method}}': `${sum('grpc_method', rate('rollcall_grpc_client_batch_items_sum'))} / ${sum('grpc_method', rate('rollcall_grpc_client_batch_items_count'))}`,
            'received: {{grpc_method}}': `${sum('grpc_method', rate('rollcall_grpc_server_batch_items_sum'))} / ${sum('grpc_method', rate('rollcall_grpc_server_batch_items_count'))}`,
          },
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          kind: 'lines',
          title: 'CPU',
          description: 'Cores used. One process uses little more than one.',
          unit: 'short',
          queries: { '{{job}} {{pod}}': rate('process_cpu_seconds_total') },
        },
        {
          kind: 'lines',
          title: 'Memory',
          description: 'Resident, and used heap.',
          unit: 'bytes',
          queries: {
            '{{job}} {{pod}}': 'process_resident_memory_bytes{SELECT}',
            'heap {{job}} {{pod}}': 'nodejs_heap_size_used_bytes{SELECT}',
          },
        },
        {
          kind: 'lines',
          title: 'Event loop: lateness, p99',
          description: 'How late timers fire. Above 0.1 s for 5 minutes is a ticket.',
          unit: 's',
          queries: { '{{job}} {{pod}}': quantile(0.99, 'rollcall_event_loop_delay_seconds', 'job, pod, le') },
        },
        {
          kind: 'lines',
          title: 'Garbage collection',
          description: 'Part of the time spent in it.',
          unit: 'percentunit',
          queries: { '{{job}} {{pod}}': sum('job, pod', rate('nodejs_gc_duration_seconds_sum')) },
        },
        {
          kind: 'lines',
          title: 'File descriptors',
          description: 'Open ones as part of what is allowed. Each connection is one.',
          unit: 'percentunit',
          queries: { '{{job}} {{pod}}': 'process_open_fds{SELECT} / process_max_fds{SELECT}' },
        },
        {
          kind: 'lines',
          title: 'Ready and draining',
          description: '1 = so it is.',
          unit: 'short',
          queries: {
            'ready {{job}} {{pod}}': 'rollcall_ready{SELECT}',
            'draining {{job}} {{pod}}': 'rollcall_draining{SELECT} > 0',
          },
        },
        {
          kind: 'lines',
          title: 'Log messages',
          description: 'Warnings and worse.',
          unit: 'short',
          queries: {
            '{{level}}': sum('level', rate('rollcall_log_messages_total', ',level=~"warn|error|fatal"')),
          },
        },
        {
          kind: 'lines',
          title: 'HTTP requests',
          description: 'Probes, scrapes and the admin API.',
          unit: 'reqps',
          queries: { '{{route}} {{code}}': sum('route, code', rate('http_request_duration_seconds_count')) },
        },
        {
          kind: 'lines',
          title: 'Steps of traces',
          description:
            'What became of them: exported, or lost since the collector did not take them (failed) or too many waited (dropped). 0 while traces are off.',
          unit: 'ops',
          queries: { '{{outcome}}': sum('outcome', rate('rollcall_trace_spans_total')) },
        },
        {
          kind: 'lines',
          title: 'Copies for a capture server',
          description:
            'SIP messages copied to EDGE_HEP_TARGET, by what became of the copy; anything but sent is lost. 0 while copies are off.',
          unit: 'ops',
          queries: { '{{outcome}}': sum('outcome', rate('rollcall_hep_messages_total')) },
        },
        {
          kind: 'lines',
          title: 'Files read again',
          description: 'Subscribers files that changed; when the last one was read with success.',
          unit: 'short',
          queries: {
            '{{result}}': 'sum by (result) (increase(rollcall_config_reloads_total{SELECT}[1h]))',
            'hours since the last one':
              '(time() - (max(rollcall_config_last_reload_success_timestamp_seconds{SELECT}) > 0)) / 3600',
          },
        },
      ],
    },
  ],
};
