import { installation, type RuleGroup, ratio } from '../rule.ts';

const certificate =
  'rollcall_tls_certificate_not_after_timestamp_seconds{namespace="voice",pod="edge-0",usage="sip"}';
const internalCertificate =
  'rollcall_tls_certificate_not_after_timestamp_seconds{namespace="voice",pod="auth-0",usage="grpc_server"}';
const udpRequests =
  'rollcall_sip_requests_received_total{namespace="voice",method="REGISTER",transport="udp"}';
const responses =
  'rollcall_sip_responses_sent_total{namespace="voice",method="REGISTER",code="200",transport="udp"}';
const bindings = 'rollcall_store_bindings{namespace="voice",pod="location-0"}';
const shed =
  'rollcall_sip_requests_shed_total{namespace="voice",method="REGISTER",reason="backend_overload"}';

/** What phones do, and what becomes of it at the edge. */
export const trafficAlerts: RuleGroup = {
  name: 'rollcall-traffic',
  alerts: [
    {
      name: 'SipEdgeDown',
      severity: 'critical',
      expr: 'absent(rollcall_build_info{component=~"edge|standalone"})',
      for: '5m',
      summary: 'Rollcall: no edge is seen',
      description:
        'Prometheus has seen no edge for 5 minutes: none runs, or none is scraped. Without an edge no phone can register.',
      fires: { series: { 'rollcall_build_info{component="registrar"}': '1x20' }, at: '10m' },
      silent: { series: { 'rollcall_build_info{component="edge"}': '1x20' }, at: '10m' },
    },
    {
      name: 'SipRegisterTrafficVanished',
      severity: 'critical',
      expr: [
        'cluster_namespace:rollcall_register:rate5m < 0.1 * (cluster_namespace:rollcall_register:rate5m offset 1h)',
        'and on (cluster, namespace) cluster_namespace:rollcall_bindings:max > 100',
      ].join('\n'),
      for: '10m',
      summary: 'Rollcall {{ $labels.namespace }}: phones have gone silent',
      description:
        '{{ $value | printf "%.1f" }} REGISTER requests a second, less than a tenth of an hour ago, while bindings exist: requests are lost before they reach us.',
      fires: { series: { [responses]: '0+6000x60 366000x40', [bindings]: '5000x100' }, at: '90m' },
      silent: { series: { [responses]: '0+6000x60 366000+3000x40', [bindings]: '5000x100' }, at: '90m' },
    },
    {
      name: 'SipBindingsDroppedSharply',
      severity: 'critical',
      expr: [
        'cluster_namespace:rollcall_bindings:max < 0.8 * (cluster_namespace:rollcall_bindings:max offset 15m)',
        'and on (cluster, namespace) (cluster_namespace:rollcall_bindings:max offset 15m) > 100',
      ].join('\n'),
      for: '3m',
      summary: 'Rollcall {{ $labels.namespace }}: bindings are disappearing',
      description:
        '{{ $value }} bindings, more than a fifth fewer than 15 minutes ago. Users who lost theirs cannot be called until their phone refreshes; all of them will register again.',
      fires: { series: { [bindings]: '10000x30 7000x20' }, at: '36m' },
      silent: { series: { [bindings]: '10000x30 9000x20' }, at: '36m' },
    },
    {
      name: 'SipRegistrationStorm',
      severity: 'warning',
      expr: [
        'cluster_namespace:rollcall_register:rate5m > 3 * avg_over_time(cluster_namespace:rollcall_register:rate5m[1d])',
        'and on (cluster, namespace) cluster_namespace:rollcall_register:rate5m > 50',
      ].join('\n'),
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: a registration storm',
      description:
        '{{ $value | printf "%.0f" }} REGISTER requests a second, more than three times the average of the last day.',
      fires: { series: { [responses]: '0+3000x180 543000+30000x30' }, at: '200m' },
      silent: { series: { [responses]: '0+3000x180 543000+6000x30' }, at: '200m' },
    },
    {
      name: 'SipOverloadShedding',
      severity: 'warning',
      expr: `${ratio('rate(rollcall_sip_requests_shed_total[5m])', 'rate(rollcall_sip_requests_received_total[5m])')} > 0.01`,
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: requests are turned away',
      description:
        '{{ $value | humanizePercentage }} of requests get 503 from the edge: its table is full, or what is behind it is overloaded, away or late.',
      fires: { series: { [udpRequests]: '0+6000x30', [shed]: '0+300x30' }, at: '20m' },
      silent: { series: { [udpRequests]: '0+6000x30', [shed]: '0+30x30' }, at: '20m' },
    },
    {
      name: 'SipUdpReceiveBufferDrops',
      severity: 'warning',
      expr: `sum by (${installation}, pod, listener) (increase(rollcall_udp_receive_buffer_drops_total[5m])) > 0`,
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: the kernel drops datagrams',
      description:
        '{{ $value | printf "%.0f" }} datagrams were dropped in 5 minutes at {{ $labels.listener }} before the edge could read them.',
      fires: {
        series: {
          'rollcall_udp_receive_buffer_drops_total{namespace="voice",pod="edge-0",listener="0.0.0.0:5060"}':
            '0+20x30',
        },
        at: '20m',
      },
      silent: {
        series: {
          'rollcall_udp_receive_buffer_drops_total{namespace="voice",pod="edge-0",listener="0.0.0.0:5060"}':
            '20x30',
        },
        at: '20m',
      },
    },
    {
      name: 'SipRetransmissionsHigh',
      severity: 'warning',
      expr: `${ratio(
        'rate(rollcall_sip_retransmissions_received_total{transport="udp"}[5m])',
        'rate(rollcall_sip_requests_received_total{transport="udp"}[5m])',
      )} > 0.05`,
      for: '15m',
      summary: 'Rollcall {{ $labels.namespace }}: phones send their requests again',
      description:
        '{{ $value | humanizePercentage }} of UDP requests are retransmissions: answers take longer than 500 ms, or do not arrive.',
      fires: {
        series: {
          [udpRequests]: '0+6000x40',
          'rollcall_sip_retransmissions_received_total{namespace="voice",method="REGISTER",transport="udp"}':
            '0+600x40',
        },
        at: '30m',
      },
      silent: {
        series: {
          [udpRequests]: '0+6000x40',
          'rollcall_sip_retransmissions_received_total{namespace="voice",method="REGISTER",transport="udp"}':
            '0+60x40',
        },
        at: '30m',
      },
    },
    {
      name: 'SipConnectionsNearLimit',
      severity: 'warning',
      expr: `max by (${installation}, pod, transport) (rollcall_connections_active / rollcall_connections_limit) > 0.85`,
      for: '10m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: connections near their limit',
      description:
        '{{ $value | humanizePercentage }} of the connections that this edge takes over {{ $labels.transport }} are in use; beyond the limit new ones are closed.',
      fires: {
        series: {
          'rollcall_connections_active{namespace="voice",pod="edge-0",transport="tcp"}': '45000x30',
          'rollcall_connections_limit{namespace="voice",pod="edge-0",transport="tcp"}': '50000x30',
        },
        at: '20m',
      },
      silent: {
        series: {
          'rollcall_connections_active{namespace="voice",pod="edge-0",transport="tcp"}': '40000x30',
          'rollcall_connections_limit{namespace="voice",pod="edge-0",transport="tcp"}': '50000x30',
        },
        at: '20m',
      },
    },
    {
      name: 'SipConnectionsDroppedMass',
      severity: 'warning',
      expr: [
        `sum by (${installation}) (increase(rollcall_connections_closed_total{reason!="shutdown"}[5m]))`,
        `> 0.3 * sum by (${installation}) (rollcall_connections_active offset 5m)`,
        `and on (cluster, namespace) sum by (${installation}) (rollcall_connections_active offset 5m) > 100`,
      ].join('\n'),
      for: '1m',
      summary: 'Rollcall {{ $labels.namespace }}: many connections ended at once',
      description:
        '{{ $value | printf "%.0f" }} connections ended within 5 minutes, more than three in ten; those phones will connect and register again.',
      fires: {
        series: {
          'rollcall_connections_active{namespace="voice",pod="edge-0",transport="tcp"}': '10000x20 4000x20',
          'rollcall_connections_closed_total{namespace="voice",pod="edge-0",transport="tcp",reason="peer_reset"}':
            '0x20 6000x20',
        },
        at: '23m',
      },
      silent: {
        series: {
          'rollcall_connections_active{namespace="voice",pod="edge-0",transport="tcp"}': '10000x40',
          'rollcall_connections_closed_total{namespace="voice",pod="edge-0",transport="tcp",reason="peer_closed"}':
            '0+100x40',
        },
        at: '23m',
      },
    },
    {
      name: 'SipTlsCertificateExpiringSoon',
      severity: 'warning',
      expr: [
        `min by (${installation}, usage) (rollcall_tls_certificate_not_after_timestamp_seconds) - time() < 7 * 86400`,
        `unless on (${installation}, usage) min by (${installation}, usage) (rollcall_tls_certificate_not_after_timestamp_seconds) - time() < 86400`,
      ].join('\n'),
      for: '15m',
      summary: 'Rollcall {{ $labels.namespace }}: the TLS certificate ends within a week',
      description:
        'The certificate that is shown to {{ $labels.usage }} is good for {{ $value | humanizeDuration }} more: sip = phones and peers, grpc_server and grpc_client = between services, redis = location and auth to Redis.',
      fires: { series: { [certificate]: '400000x60' }, at: '30m' },
      silent: { series: { [certificate]: '9000000x60' }, at: '30m' },
    },
    {
      name: 'SipTlsCertificateExpiring',
      severity: 'critical',
      expr: `min by (${installation}, usage) (rollcall_tls_certificate_not_after_timestamp_seconds) - time() < 86400`,
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: the TLS certificate ends within a day',
      description:
        'The certificate that is shown to {{ $labels.usage }} is good for {{ $value | humanizeDuration }} more. After that no phone connects by TLS (sip), or services refuse each other and phones get 503 (grpc_server, grpc_client), or Redis refuses new connections (redis).',
      fires: { series: { [internalCertificate]: '40000x60', [certificate]: '9000000x60' }, at: '30m' },
      silent: { series: { [certificate]: '400000x60' }, at: '30m' },
    },
    {
      name: 'SipTlsCertificateNotReloaded',
      severity: 'warning',
      expr: `sum by (${installation}, pod) (increase(rollcall_tls_certificate_reloads_total{result="failure"}[15m])) > 0`,
      for: '0m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: the new TLS certificate cannot be used',
      description:
        'The files of a certificate changed and are wrong. The pod goes on with what it had; the log says what is wrong.',
      fires: {
        series: {
          'rollcall_tls_certificate_reloads_total{namespace="voice",pod="edge-0",result="failure"}':
            '0x10 1x20',
        },
        at: '15m',
      },
      silent: {
        series: {
          'rollcall_tls_certificate_reloads_total{namespace="voice",pod="edge-0",result="success"}':
            '0x10 1x20',
        },
        at: '15m',
      },
    },
    {
      name: 'SipMessageBug',
      severity: 'warning',
      expr: `sum by (${installation}, pod) (increase(rollcall_sip_messages_dropped_total{reason="bug"}[15m])) > 0`,
      for: '0m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: a message met a mistake of ours',
      description:
        '{{ $value | printf "%.0f" }} messages in 15 minutes could not be handled because of a mistake in Rollcall; the log has the stack.',
      fires: {
        series: {
          'rollcall_sip_messages_dropped_total{namespace="voice",pod="edge-0",transport="udp",reason="bug"}':
            '0x10 1x20',
        },
        at: '15m',
      },
      silent: {
        series: {
          'rollcall_sip_messages_dropped_total{namespace="voice",pod="edge-0",transport="udp",reason="malformed"}':
            '0+9x30',
        },
        at: '15m',
      },
    },
  ],
};
