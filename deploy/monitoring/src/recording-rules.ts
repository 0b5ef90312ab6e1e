import {
  lookupAvailability,
  lookupLatency,
  rateRecords,
  recordObjective,
  registerAvailability,
  registerLatency,
} from './objectives.ts';
import { installation, type RuleGroup } from './rule.ts';

const sumBy = (labels: string, expr: string) => `sum by (${installation}, ${labels}) (${expr})`;

/** Everything that alerts and dashboards ask again and again. */
export const recordingRules: readonly RuleGroup[] = [
  {
    name: 'rollcall-objectives',
    records: [
      ...rateRecords,
      ...recordObjective(registerAvailability),
      ...recordObjective(registerLatency),
      ...recordObjective(lookupAvailability),
      ...recordObjective(lookupLatency),
    ],
  },
  {
    name: 'rollcall-aggregates',
    records: [
      {
        record: 'cluster_namespace:rollcall_bindings:max',
        // Each location replica says the same number.
        expr: `max by (${installation}) (rollcall_store_bindings)`,
      },
      {
        record: 'cluster_namespace_method_transport:rollcall_sip_requests:rate5m',
        expr: sumBy('method, transport', 'rate(rollcall_sip_requests_received_total[5m])'),
      },
      {
        record: 'cluster_namespace_method_code:rollcall_sip_responses:rate5m',
        expr: sumBy('method, code', 'rate(rollcall_sip_responses_sent_total[5m])'),
      },
      {
        record: 'cluster_namespace_operation_outcome_reason:rollcall_registrations:rate5m',
        expr: sumBy('operation, outcome, reason', 'rate(rollcall_registrations_total[5m])'),
      },
      {
        record: 'cluster_namespace_operation_le:rollcall_store_operation_duration_seconds_bucket:rate5m',
        expr: sumBy('operation, le', 'rate(rollcall_store_operation_duration_seconds_bucket[5m])'),
      },
    ],
  },
];
