import { installation, type RuleGroup, ratio } from '../rule.ts';

const registrations = (labels: string) =>
  `rollcall_registrations_total{namespace="voice",operation="register",${labels}}`;
const ok = registrations('outcome="ok",reason="none"');
const failed = registrations('outcome="challenged",reason="auth_failed"');
const noAuth = registrations('outcome="error",reason="auth_unavailable"');
const storeCount = (outcome: string) =>
  `rollcall_store_operation_duration_seconds_count{namespace="voice",operation="save",outcome="${outcome}"}`;
const storeBucket = (le: string) =>
  `rollcall_store_operation_duration_seconds_bucket{namespace="voice",operation="save",outcome="success",le="${le}"}`;
const storeBuckets = (fast: string, all: string) => ({
  [storeBucket('0.025')]: fast,
  [storeBucket('0.05')]: fast,
  [storeBucket('0.1')]: fast,
  [storeBucket('0.25')]: all,
  [storeBucket('+Inf')]: all,
});
const clientCalls = (code: string) =>
  `grpc_client_handled_total{namespace="voice",grpc_type="bidi_stream",grpc_service="rollcall.auth.v1.AuthService",grpc_method="GetVectorBatches",grpc_code="${code}"}`;

/** What the services behind the edge, and Redis behind them, do. */
export const serviceAlerts: RuleGroup = {
  name: 'rollcall-services',
  alerts: [
    {
      name: 'SipAuthFailureSpike',
      severity: 'warning',
      expr: [
        ratio(
          'rate(rollcall_registrations_total{reason="auth_failed"}[5m])',
          'rate(rollcall_registrations_total{reason=~"auth_failed|none"}[5m])',
        ) + ' > 0.3',
        `and on (cluster, namespace) sum by (${installation}) (rate(rollcall_registrations_total{reason="auth_failed"}[5m])) > 0.1`,
      ].join('\n'),
      for: '15m',
      summary: 'Rollcall {{ $labels.namespace }}: many wrong passwords',
      description:
        '{{ $value | humanizePercentage }} of registrations with credentials are refused: somebody is guessing, or credentials have changed on one side only.',
      fires: { series: { [ok]: '0+600x40', [failed]: '0+600x40' }, at: '30m' },
      silent: { series: { [ok]: '0+600x40', [failed]: '0+60x40' }, at: '30m' },
    },
    {
      name: 'SipAuthBackendErrors',
      severity: 'critical',
      expr: [
        `sum by (${installation}) (rate(rollcall_auth_backend_duration_seconds_count{outcome="error"}[5m])) > 0.1`,
        `or sum by (${installation}) (rate(rollcall_registrations_total{reason="auth_unavailable"}[5m])) > 0.1`,
      ].join('\n'),
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: credentials cannot be had',
      description:
        '{{ $value | printf "%.1f" }} requests a second fail for want of auth or of its subscribers. Phones with kept vectors refresh on for the grace; all others get 503.',
      fires: { series: { [noAuth]: '0+60x30' }, at: '20m' },
      silent: { series: { [noAuth]: '0x30', [ok]: '0+600x30' }, at: '20m' },
    },
    {
      name: 'SipSubscribersNotReloaded',
      severity: 'warning',
      expr: `sum by (${installation}, pod) (increase(rollcall_config_reloads_total{result="failure"}[15m])) > 0`,
      for: '0m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: the subscribers could not be read again',
      description:
        'A change of the subscribers file is wrong. Auth goes on with what it had; the log says the line.',
      fires: {
        series: {
          'rollcall_config_reloads_total{namespace="voice",pod="auth-0",result="failure"}': '0x10 1x20',
        },
        at: '15m',
      },
      silent: {
        series: {
          'rollcall_config_reloads_total{namespace="voice",pod="auth-0",result="success"}': '0x10 1x20',
        },
        at: '15m',
      },
    },
    {
      name: 'SipStoreSlow',
      severity: 'warning',
      expr: [
        'histogram_quantile(0.99, sum by (cluster, namespace, le) (',
        '  cluster_namespace_operation_le:rollcall_store_operation_duration_seconds_bucket:rate5m{operation=~"get|save"}',
        ')) > 0.05',
      ].join('\n'),
      for: '10m',
      summary: 'Rollcall {{ $labels.namespace }}: Redis is slow',
      description:
        'The slowest hundredth of reads and writes takes {{ $value | humanizeDuration }} or longer.',
      fires: { series: storeBuckets('0+540x40', '0+600x40'), at: '30m' },
      silent: { series: storeBuckets('0+600x40', '0+600x40'), at: '30m' },
    },
    {
      name: 'SipStoreErrors',
      severity: 'critical',
      expr: `${ratio(
        'rate(rollcall_store_operation_duration_seconds_count{outcome="error"}[5m])',
        'rate(rollcall_store_operation_duration_seconds_count[5m])',
      )} > 0.01`,
      for: '2m',
      summary: 'Rollcall {{ $labels.namespace }}: commands to Redis fail',
      description:
        '{{ $value | humanizePercentage }} of commands fail. Registrations that need them get 503; nothing that was acknowledged is lost by that.',
      fires: { series: { [storeCount('success')]: '0+600x30', [storeCount('error')]: '0+60x30' }, at: '15m' },
      silent: { series: { [storeCount('success')]: '0+600x30', [storeCount('error')]: '0x30' }, at: '15m' },
    },
    {
      name: 'SipStoreDisconnected',
      severity: 'critical',
      expr: `min by (${installation}, pod) (rollcall_store_connected) == 0`,
      for: '1m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: no connection to Redis',
      description:
        'This location process has had no connection to Redis for a minute. What reaches it gets 503.',
      fires: {
        series: { 'rollcall_store_connected{namespace="voice",pod="location-0"}': '1x5 0x10' },
        at: '10m',
      },
      silent: {
        series: { 'rollcall_store_connected{namespace="voice",pod="location-0"}': '1x5 0 1x10' },
        at: '10m',
      },
    },
    {
      name: 'SipExpirySweepLagging',
      severity: 'warning',
      expr:
        ratio(
          'rate(rollcall_expiry_lag_seconds_bucket{le="+Inf"}[5m])',
          'rate(rollcall_expiry_lag_seconds_bucket{le="60"}[5m])',
        ) + ' > 1.1',
      for: '10m',
      summary: 'Rollcall {{ $labels.namespace }}: expiries are announced late',
      description:
        'More than a tenth of expired bindings is taken out more than a minute late. Look-ups never show them; watches hear of it late.',
      fires: {
        series: {
          'rollcall_expiry_lag_seconds_bucket{namespace="voice",le="60"}': '0+60x40',
          'rollcall_expiry_lag_seconds_bucket{namespace="voice",le="+Inf"}': '0+120x40',
        },
        at: '30m',
      },
      silent: {
        series: {
          'rollcall_expiry_lag_seconds_bucket{namespace="voice",le="60"}': '0+120x40',
          'rollcall_expiry_lag_seconds_bucket{namespace="voice",le="+Inf"}': '0+120x40',
        },
        at: '30m',
      },
    },
    {
      name: 'SipWatchSlowConsumers',
      severity: 'warning',
      expr: `sum by (${installation}) (rate(rollcall_watch_resyncs_total{reason="slow_consumer"}[5m])) > 0.1`,
      for: '15m',
      summary: 'Rollcall {{ $labels.namespace }}: a watching service does not keep up',
      description:
        '{{ $value | printf "%.1f" }} watches a second are told to start over because their reader is too slow.',
      fires: {
        series: { 'rollcall_watch_resyncs_total{namespace="voice",reason="slow_consumer"}': '0+30x40' },
        at: '30m',
      },
      silent: {
        series: { 'rollcall_watch_resyncs_total{namespace="voice",reason="slow_consumer"}': '0 1x40' },
        at: '30m',
      },
    },
    {
      name: 'SipGrpcClientUnavailable',
      severity: 'warning',
      expr: [
        `sum by (${installation}, grpc_service) (rate(grpc_client_handled_total{grpc_code=~"Unavailable|DeadlineExceeded"}[5m]))`,
        `/ sum by (${installation}, grpc_service) (rate(grpc_client_handled_total[5m])) > 0.02`,
      ].join('\n'),
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: {{ $labels.grpc_service }} is not reached',
      description:
        '{{ $value | humanizePercentage }} of calls to {{ $labels.grpc_service }} end without an answer or too late.',
      fires: {
        series: { [clientCalls('OK')]: '0+600x30', [clientCalls('Unavailable')]: '0+60x30' },
        at: '20m',
      },
      silent: {
        series: { [clientCalls('OK')]: '0+600x30', [clientCalls('Unavailable')]: '0x30' },
        at: '20m',
      },
    },
    {
      name: 'SipServiceNotReady',
      severity: 'warning',
      expr: [`rollcall_ready == 0 and on (${installation}, pod, instance) rollcall_draining == 0`].join('\n'),
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: not ready',
      description:
        'The process runs, but /readyz says 503 for 5 minutes; /readyz?verbose says which check fails.',
      fires: {
        series: {
          'rollcall_ready{namespace="voice",pod="registrar-0"}': '0x20',
          'rollcall_draining{namespace="voice",pod="registrar-0"}': '0x20',
        },
        at: '10m',
      },
      silent: {
        series: {
          'rollcall_ready{namespace="voice",pod="registrar-0"}': '0x20',
          'rollcall_draining{namespace="voice",pod="registrar-0"}': '1x20',
        },
        at: '10m',
      },
    },
    {
      name: 'SipEventLoopLagging',
      severity: 'warning',
      expr: `histogram_quantile(0.99, sum by (${installation}, pod, le) (rate(rollcall_event_loop_delay_seconds_bucket[5m]))) > 0.1`,
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}/{{ $labels.pod }}: the event loop lags',
      description:
        'The slowest hundredth of turns comes {{ $value | humanizeDuration }} late or later; every request of this process waits with it.',
      fires: {
        series: {
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="0.1"}': '0+550x30',
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="0.25"}': '0+600x30',
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="+Inf"}': '0+600x30',
        },
        at: '20m',
      },
      silent: {
        series: {
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="0.1"}': '0+600x30',
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="0.25"}': '0+600x30',
          'rollcall_event_loop_delay_seconds_bucket{namespace="voice",pod="edge-0",le="+Inf"}': '0+600x30',
        },
        at: '20m',
      },
    },
  ],
};
