import type { RecordCheck } from './rule.ts';

const responses = (code: string, pod: string) =>
  `rollcall_sip_responses_sent_total{namespace="voice",pod="${pod}",method="REGISTER",code="${code}",transport="udp"}`;
const seconds = (le: string, codeClass: string) =>
  `rollcall_sip_request_duration_seconds_bucket{namespace="voice",method="REGISTER",code_class="${codeClass}",le="${le}"}`;
const lookups = (code: string) =>
  `grpc_server_handled_total{namespace="voice",grpc_service="rollcall.location.v1.LocationService",grpc_type="unary",grpc_method="GetRegistration",grpc_code="${code}"}`;
const rounded = (record: string) => `round(${record}, 0.0001)`;
const voice = '{namespace="voice"}';

/** From raw counters to the ratios that the burn rates read. */
export const recordChecks: readonly RecordCheck[] = [
  ...(['5m', '1h'] as const).map((window) => ({
    name: `failed registrations over ${window}: 401 and 404 are good answers, 503 is not, 100 is none`,
    series: {
      [responses('200', 'edge-0')]: '0+500x90',
      [responses('401', 'edge-0')]: '0+400x90',
      [responses('404', 'edge-1')]: '0+80x90',
      [responses('503', 'edge-1')]: '0+20x90',
      [responses('100', 'edge-1')]: '0+1000x90',
    },
    at: '80m',
    expr: rounded(`cluster_namespace:rollcall_register:error_ratio_rate${window}`),
    labels: voice,
    value: 0.02,
  })),
  {
    name: 'slow registrations: beyond 250 ms',
    series: {
      [seconds('0.25', '2xx')]: '0+450x90',
      [seconds('+Inf', '2xx')]: '0+500x90',
      [seconds('0.25', '4xx')]: '0+500x90',
      [seconds('+Inf', '4xx')]: '0+500x90',
    },
    at: '80m',
    expr: rounded('cluster_namespace:rollcall_register:slow_ratio_rate1h'),
    labels: voice,
    value: 0.05,
  },
  {
    name: 'failed look-ups: our faults only; NotFound is an answer',
    series: {
      [lookups('OK')]: '0+600x90',
      [lookups('NotFound')]: '0+390x90',
      [lookups('Unavailable')]: '0+10x90',
    },
    at: '80m',
    expr: rounded('cluster_namespace:rollcall_lookup:error_ratio_rate1h'),
    labels: voice,
    value: 0.01,
  },
  {
    name: 'bindings are said by every replica, and counted once',
    series: {
      'rollcall_store_bindings{namespace="voice",pod="location-0"}': '5000x10',
      'rollcall_store_bindings{namespace="voice",pod="location-1"}': '5001x10',
    },
    at: '5m',
    expr: 'cluster_namespace:rollcall_bindings:max',
    labels: 'cluster_namespace:rollcall_bindings:max{namespace="voice"}',
    value: 5001,
  },
];
