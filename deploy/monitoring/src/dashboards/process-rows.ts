import type { RowSpec } from './panel.ts';
import { quantile, rate, sum } from './queries.ts';

/** What every process has. */
export const processRows: readonly RowSpec[] = [
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
        title: 'CPU: held back',
        description:
          'Part of the periods in which the container was throttled, as cAdvisor says. Above 0.1 raise its limit: a throttled edge loses datagrams. Empty outside Kubernetes.',
        unit: 'percentunit',
        queries: {
          '{{pod}}': `${sum('pod', rate('container_cpu_cfs_throttled_periods_total', ',container!=""'))} / ${sum('pod', rate('container_cpu_cfs_periods_total', ',container!=""'))}`,
        },
      },
      {
        kind: 'lines',
        title: 'Restarts and memory limits',
        description:
          'Restarts in an hour, and resident memory as part of the limit of the container, as kube-state-metrics says. Empty outside Kubernetes.',
        unit: 'short',
        queries: {
          'restarts {{pod}}': `${sum('pod', 'increase(kube_pod_container_status_restarts_total{SELECT}[1h])')} > 0`,
          'memory {{pod}}': `${sum('pod', 'process_resident_memory_bytes{SELECT}')} / ${sum('pod', 'kube_pod_container_resource_limits{SELECT,resource="memory"}')}`,
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
        title: 'Certificate between services',
        description:
          'Days that the certificate which services show each other over gRPC is still good for. Without TLS between them empty.',
        unit: 'short',
        queries: {
          'days left: {{usage}}':
            '(min by (usage) (rollcall_tls_certificate_not_after_timestamp_seconds{SELECT,usage=~"grpc_.*"}) - time()) / 86400',
        },
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
];
