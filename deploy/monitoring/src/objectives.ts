import type { RecordingRule } from './rule.ts';
import { installation, ratio } from './rule.ts';

/** Windows over which burn rates are looked at. */
export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/** One window of {@link windows}. */
export type Window = (typeof windows)[number];

/** A promise about 30 days, and the ratio of events that break it. */
export interface Objective {
  /** Prefix of its recording rules. */
  readonly subject: string;
  readonly ratio: string;
  /** The part of the events that may be bad. */
  readonly budget: number;
  readonly badRatio: (window: Window) => string;
}

const registerResponses = 'rollcall_sip_responses_sent_total{method="REGISTER",code!="100"}';
const lookups =
  'grpc_server_handled_total{grpc_service="rollcall.location.v1.LocationService",grpc_type="unary"}';
const lookupSeconds =
  'grpc_server_handling_seconds_bucket{grpc_service="rollcall.location.v1.LocationService",grpc_type="unary"';
const ourFaults = 'Unavailable|Internal|DeadlineExceeded|ResourceExhausted|Unknown|DataLoss';

/** A REGISTER's final response is not 5xx or 6xx: 401, 403, 404 and 423 are good answers, a 503 that sheds load is not. */
export const registerAvailability: Objective = {
  subject: 'rollcall_register',
  ratio: 'error_ratio',
  budget: 0.0005,
  badRatio: (window) =>
    ratio(
      `rate(rollcall_sip_responses_sent_total{method="REGISTER",code=~"5..|6.."}[${window}])`,
      `rate(${registerResponses}[${window}])`,
    ),
};

/** A REGISTER is answered within 250 ms: half of T1, so that no phone on UDP asks twice. */
export const registerLatency: Objective = {
  subject: 'rollcall_register',
  ratio: 'slow_ratio',
  budget: 0.01,
  badRatio: (window) =>
    `1 - ${ratio(
      `rate(rollcall_sip_request_duration_seconds_bucket{method="REGISTER",le="0.25"}[${window}])`,
      `rate(rollcall_sip_request_duration_seconds_bucket{method="REGISTER",le="+Inf"}[${window}])`,
    )}`,
};

/** A look-up by another service is answered, and not with a fault of ours. */
export const lookupAvailability: Objective = {
  subject: 'rollcall_lookup',
  ratio: 'error_ratio',
  budget: 0.0001,
  badRatio: (window) =>
    ratio(
      `rate(${lookups.replace('}', `,grpc_code=~"${ourFaults}"}`)}[${window}])`,
      `rate(${lookups}[${window}])`,
    ),
};

/** A look-up is answered within 50 ms. */
export const lookupLatency: Objective = {
  subject: 'rollcall_lookup',
  ratio: 'slow_ratio',
  budget: 0.01,
  badRatio: (window) =>
    `1 - ${ratio(`rate(${lookupSeconds},le="0.05"}[${window}])`, `rate(${lookupSeconds},le="+Inf"}[${window}])`)}`,
};

/** The name under which an objective's ratio of bad events is recorded. */
export function ratioOf(objective: Objective, window: Window): string {
  return `cluster_namespace:${objective.subject}:${objective.ratio}_rate${window}`;
}

/** The ratios of all windows. */
export function recordObjective(objective: Objective): RecordingRule[] {
  return windows.map((window) => ({ record: ratioOf(objective, window), expr: objective.badRatio(window) }));
}

/** How much there is of what the objectives are about: alerts about a part of nearly nothing help nobody. */
export const rateRecords: readonly RecordingRule[] = [
  {
    record: 'cluster_namespace:rollcall_register:rate5m',
    expr: `sum by (${installation}) (rate(${registerResponses}[5m]))`,
  },
  {
    record: 'cluster_namespace:rollcall_lookup:rate5m',
    expr: `sum by (${installation}) (rate(${lookups}[5m]))`,
  },
];
