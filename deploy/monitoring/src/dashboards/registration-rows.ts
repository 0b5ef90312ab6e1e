import type { RowSpec } from './panel.ts';
import { foreign, quantile, rate, sum } from './queries.ts';

/** What becomes of requests behind the edge. */
export const registrationRows: readonly RowSpec[] = [
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
        title: 'Vectors at hand, credentials wrong',
        description:
          'Parts of all uses of vectors and of all registrations with credentials. Few hits: the cache is too small, or many phones are new. A third wrong for 15 minutes is a ticket.',
        unit: 'percentunit',
        queries: {
          'at hand': `${sum('', rate('rollcall_auth_credential_cache_requests_total', ',result="hit"'))} / (${sum('', rate('rollcall_auth_credential_cache_requests_total'))} > 0)`,
          wrong: `${sum('', rate('rollcall_registrations_total', ',reason="auth_failed"'))} / (${sum('', rate('rollcall_registrations_total', ',reason=~"auth_failed|none"'))} > 0)`,
        },
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
          '1 = connected. Commands without an answer yet; in 5 minutes, connections made anew and masters that took over from another.',
        unit: 'short',
        queries: {
          'connected: {{pod}}': 'rollcall_store_connected{SELECT}',
          'waiting: {{pod}}': 'rollcall_store_pending_commands{SELECT}',
          'anew: {{pod}}': 'increase(rollcall_store_reconnects_total{SELECT}[5m])',
          'fail-overs': 'max(increase(rollcall_store_failovers_total{SELECT}[5m]))',
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
        description: 'Services that watch bindings, what they are told, and how often one has to start over.',
        unit: 'short',
        queries: {
          watches: 'sum(rollcall_watch_streams{SELECT})',
          'events/s': sum('', rate('rollcall_watch_events_sent_total')),
          'start over/s: {{reason}}': sum('reason', rate('rollcall_watch_resyncs_total')),
        },
      },
      {
        kind: 'lines',
        title: 'Watches: lateness',
        description: 'From the writing of a change to its leaving for a watcher. Empty while nobody watches.',
        unit: 's',
        queries: {
          p50: quantile(0.5, 'rollcall_watch_lag_seconds'),
          p99: quantile(0.99, 'rollcall_watch_lag_seconds'),
        },
      },
      {
        kind: 'lines',
        title: 'Redis itself: memory',
        description: "redis_exporter's: used, and what is allowed. Empty where it is not scraped.",
        unit: 'bytes',
        queries: {
          'used {{instance}}': `redis_memory_used_bytes{${foreign}}`,
          'allowed {{instance}}': `redis_memory_max_bytes{${foreign}} > 0`,
        },
      },
      {
        kind: 'lines',
        title: 'Redis itself: commands and clients',
        description: "redis_exporter's: commands a second, clients connected. Empty where it is not scraped.",
        unit: 'short',
        queries: {
          'commands/s {{instance}}': `rate(redis_commands_processed_total{${foreign}}[$__rate_interval])`,
          'clients {{instance}}': `redis_connected_clients{${foreign}}`,
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
          'caller: {{grpc_method}}': quantile(
            0.99,
            'grpc_client_handling_seconds',
            'grpc_method, le',
            ',grpc_type!="server_stream"',
          ),
          'server: {{grpc_method}}': quantile(
            0.99,
            'grpc_server_handling_seconds',
            'grpc_method, le',
            ',grpc_type!="server_stream"',
          ),
        },
      },
      {
        kind: 'lines',
        title: 'Channels to replicas',
        description:
          'Ready ones by pod and service: all pods should have as many as there are replicas. Those that are not ready: a replica that cannot be reached.',
        unit: 'short',
        queries: {
          '{{pod}} to {{service}}': sum('pod, service', 'rollcall_grpc_subchannels{SELECT,state="ready"}'),
          '{{pod}} to {{service}}: {{state}}': `${sum('pod, service, state', 'rollcall_grpc_subchannels{SELECT,state!="ready"}')} > 0`,
        },
      },
      {
        kind: 'lines',
        title: 'Channels: uneven pods',
        description:
          'The pod with the most ready channels to a service, against the one with the fewest. Above 1 for longer than a rollout: a pod does not know of all replicas.',
        unit: 'short',
        queries: {
          '{{service}}':
            'max by (service) (rollcall_grpc_subchannels{SELECT,state="ready"}) / (min by (service) (rollcall_grpc_subchannels{SELECT,state="ready"}) > 0)',
        },
      },
      {
        kind: 'lines',
        title: 'Messages on the wire',
        description: 'Messages that the services sent each other; a batch is one.',
        unit: 'pps',
        queries: {
          'sent: {{grpc_method}}': sum('grpc_method', rate('grpc_client_msg_sent_total')),
          'answered: {{grpc_method}}': sum('grpc_method', rate('grpc_server_msg_sent_total')),
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
];
