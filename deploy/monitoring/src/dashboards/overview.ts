import type { DashboardSpec } from './dashboard.ts';
import { quantile, rate, storeMarks, sum } from './queries.ts';

/** Is it well, and if not, where: for whoever is on call. */
export const overviewDashboard: DashboardSpec = {
  uid: 'rollcall-overview',
  title: 'Rollcall / Overview',
  description: 'Objectives, registrations, storms and bindings of a whole installation.',
  byPod: false,
  marks: storeMarks,
  rows: [
    {
      title: 'Objectives',
      panels: [
        {
          kind: 'stat',
          title: 'Answered (3 d)',
          description:
            'Part of REGISTER requests that was not answered with 5xx or 6xx. Objective: 99.95 % in 30 days.',
          unit: 'percentunit',
          width: 3,
          limits: [0.9999, 0.9995],
          queries: { answered: '1 - max(cluster_namespace:rollcall_register:error_ratio_rate3d{SELECT})' },
        },
        {
          kind: 'stat',
          title: 'Budget left (3 d)',
          description:
            'What is left of the error budget of REGISTER at the pace of the last three days. Below 0 it is spent before its 30 days are over.',
          unit: 'percentunit',
          width: 3,
          limits: [0.5, 0.1],
          queries: {
            left: '1 - max(cluster_namespace:rollcall_register:error_ratio_rate3d{SELECT}) / 0.0005',
          },
        },
        {
          kind: 'stat',
          title: 'Fast (3 d)',
          description: 'Part of REGISTER requests answered within 250 ms. Objective: 99 %.',
          unit: 'percentunit',
          width: 3,
          limits: [0.995, 0.99],
          queries: { fast: '1 - max(cluster_namespace:rollcall_register:slow_ratio_rate3d{SELECT})' },
        },
        {
          kind: 'stat',
          title: 'Look-ups (3 d)',
          description: 'Part of look-ups by other services without a fault of ours. Objective: 99.99 %.',
          unit: 'percentunit',
          width: 3,
          limits: [0.99995, 0.9999],
          queries: { answered: '1 - max(cluster_namespace:rollcall_lookup:error_ratio_rate3d{SELECT})' },
        },
        {
          kind: 'stat',
          title: 'Bindings',
          description:
            'Registered contacts now, exact within a second. Every location replica says the same; this is the maximum.',
          unit: 'short',
          width: 3,
          queries: { bindings: 'max(rollcall_store_bindings{SELECT})' },
        },
        {
          kind: 'stat',
          title: 'REGISTER p99',
          description:
            'The slowest hundredth of REGISTER requests, from receipt to final response. 0.5 s is when phones on UDP ask again.',
          unit: 's',
          width: 3,
          limits: [0.1, 0.25],
          queries: {
            p99: quantile(0.99, 'rollcall_sip_request_duration_seconds', 'le', ',method="REGISTER"'),
          },
        },
        {
          kind: 'stat',
          title: 'Canary',
          description: '1 = each step of the last round went well. Empty without a canary.',
          unit: 'short',
          width: 3,
          limits: [1, 1],
          queries: { good: 'min(rollcall_probe_success{SELECT})' },
        },
        {
          kind: 'stat',
          title: 'Alerts firing',
          description: 'Alerts of Rollcall that fire now.',
          unit: 'short',
          width: 3,
          limits: [1, 2],
          queries: { firing: 'count(ALERTS{alertname=~"Sip.*",alertstate="firing"}) or vector(0)' },
        },
        {
          kind: 'lines',
          title: 'Burn rate of the REGISTER budget',
          description: '1 = the error budget of 30 days lasts exactly 30 days. 14.4 over an hour pages.',
          unit: 'short',
          queries: {
            '1 h': 'max(cluster_namespace:rollcall_register:error_ratio_rate1h{SELECT}) / 0.0005',
            '6 h': 'max(cluster_namespace:rollcall_register:error_ratio_rate6h{SELECT}) / 0.0005',
            'latency, 1 h': 'max(cluster_namespace:rollcall_register:slow_ratio_rate1h{SELECT}) / 0.01',
          },
        },
        {
          kind: 'lines',
          title: 'Burn rate of the look-up budget',
          description: '1 = the error budget of 30 days lasts exactly 30 days.',
          unit: 'short',
          queries: {
            '1 h': 'max(cluster_namespace:rollcall_lookup:error_ratio_rate1h{SELECT}) / 0.0001',
            'slow, 1 h': 'max(cluster_namespace:rollcall_lookup:slow_ratio_rate1h{SELECT}) / 0.01',
          },
        },
        {
          kind: 'table',
          title: 'What fires',
          description: 'Alerts that fire now, or will if it goes on (pending). Empty while all is well.',
          unit: 'short',
          queries: {
            alerts: 'count by (alertname, alertstate, severity) (ALERTS{alertname=~"Sip.*"})',
          },
        },
      ],
    },
    {
      title: 'Canary',
      panels: [
        {
          kind: 'lines',
          title: 'Canary: steps that go well',
          description: '1 = the last round went well, as a phone sees it. Empty without a canary.',
          unit: 'short',
          queries: {
            '{{check}} {{transport}}': 'max by (check, transport) (rollcall_probe_success{SELECT})',
          },
        },
        {
          kind: 'lines',
          title: 'Canary: rounds that went wrong (1 h)',
          description: 'Part of the rounds of the last hour. Objective: less than 0.1 %.',
          unit: 'percentunit',
          queries: {
            '{{transport}}':
              'sum by (transport) (increase(rollcall_probe_rounds_total{SELECT,outcome="bad"}[1h])) / sum by (transport) (increase(rollcall_probe_rounds_total{SELECT}[1h]))',
          },
        },
        {
          kind: 'lines',
          title: 'Canary: p90 of a step',
          description: 'How long a step takes from beside the system: network, retransmissions and all.',
          unit: 's',
          queries: {
            '{{check}} {{transport}}': quantile(
              0.9,
              'rollcall_probe_duration_seconds',
              'le, check, transport',
            ),
          },
        },
      ],
    },
    {
      title: 'Registrations',
      panels: [
        {
          kind: 'stack',
          title: 'Registrations by operation',
          description:
            'initial: something was bound for the first time. refresh: nothing but refreshes. register: turned away before it was known which of the two.',
          unit: 'reqps',
          queries: {
            '{{operation}}':
              'sum by (operation) (cluster_namespace_operation_outcome_reason:rollcall_registrations:rate5m{SELECT})',
          },
        },
        {
          kind: 'stack',
          title: 'Registrations by outcome',
          description: 'What the registrar made of REGISTER requests. "error" is on our side.',
          unit: 'reqps',
          queries: {
            '{{outcome}}':
              'sum by (outcome) (cluster_namespace_operation_outcome_reason:rollcall_registrations:rate5m{SELECT})',
          },
        },
        {
          kind: 'stack',
          title: 'REGISTER responses by code',
          description: 'What phones got. 401 is the first half of every registration with a new nonce.',
          unit: 'reqps',
          queries: {
            '{{code}}':
              'sum by (code) (cluster_namespace_method_code:rollcall_sip_responses:rate5m{SELECT,method="REGISTER"})',
          },
        },
        {
          kind: 'lines',
          title: 'Not granted, by reason',
          description: 'Why registrations were refused or could not be served.',
          unit: 'reqps',
          queries: {
            '{{reason}}': `${sum('reason', rate('rollcall_registrations_total', ',outcome!="ok"'))} > 0`,
          },
        },
        {
          kind: 'heatmap',
          title: 'REGISTER duration',
          description: 'From receipt to final response. Anything above 0.5 s makes phones on UDP send again.',
          unit: 's',
          queries: {
            '{{le}}': sum('le', rate('rollcall_sip_request_duration_seconds_bucket', ',method="REGISTER"')),
          },
        },
        {
          kind: 'lines',
          title: 'REGISTER rate against yesterday',
          description:
            'A storm is more than three times the average of a day; silence is a problem before us.',
          unit: 'reqps',
          queries: {
            now: 'sum(cluster_namespace:rollcall_register:rate5m{SELECT})',
            yesterday: 'sum(cluster_namespace:rollcall_register:rate5m{SELECT} offset 1d)',
          },
        },
        {
          kind: 'lines',
          title: 'Initial, to refreshes',
          description:
            'Initial registrations for each refresh: the sign of a storm. It rises when phones lost their registration: after an outage, a restart, a NAT gone.',
          unit: 'short',
          queries: {
            ratio: `${sum('', rate('rollcall_registrations_total', ',operation="initial"'))} / (${sum('', rate('rollcall_registrations_total', ',operation="refresh"'))} > 0)`,
          },
        },
        {
          kind: 'stack',
          title: 'Binding events',
          description:
            'Changes of the binding table. Expiries in numbers: phones went away without saying so.',
          unit: 'ops',
          queries: { '{{event}}': sum('event', rate('rollcall_binding_events_total')) },
        },
        {
          kind: 'lines',
          title: 'Bindings and AORs',
          description: 'Registered contacts and users. A fall of a fifth within 15 minutes pages.',
          unit: 'short',
          queries: {
            bindings: 'max(rollcall_store_bindings{SELECT})',
            AORs: 'max(rollcall_store_aors{SELECT})',
          },
        },
        {
          kind: 'heatmap',
          title: 'Granted lifetimes',
          description: 'How long bindings were granted for. Short ones mean more refreshes.',
          unit: 's',
          queries: { '{{le}}': sum('le', rate('rollcall_registration_granted_expires_seconds_bucket')) },
        },
      ],
    },
    {
      title: 'Overload',
      panels: [
        {
          kind: 'stack',
          title: 'Turned away, by reason',
          description:
            'Requests answered 503 by the edge. transactions_full: the edge; backend_…: what is behind it.',
          unit: 'reqps',
          queries: { '{{reason}}': sum('reason', rate('rollcall_sip_requests_shed_total')) },
        },
        {
          kind: 'lines',
          title: 'Admitted, against the limit',
          description:
            'Requests in flight in the fullest edge, as part of what it admits. At 100 % it turns new ones away (transactions_full). It grows when what is behind the edge is slow.',
          unit: 'percentunit',
          queries: {
            '{{pod}}':
              'max by (pod) (rollcall_sip_admission_inflight{SELECT}) / max by (pod) (rollcall_sip_admission_limit{SELECT})',
          },
        },
        {
          kind: 'lines',
          title: 'Datagrams dropped by the kernel',
          description: 'What the edge was too slow to read. Should be 0.',
          unit: 'pps',
          queries: {
            '{{pod}} {{listener}}': sum('pod, listener', rate('rollcall_udp_receive_buffer_drops_total')),
          },
        },
        {
          kind: 'lines',
          title: 'Busy event loops',
          description:
            'Share of a second in which the process was busy. Above 0.8 it is time for another pod.',
          unit: 'percentunit',
          queries: { '{{job}} {{pod}}': 'rollcall_event_loop_utilization_ratio{SELECT}' },
        },
        {
          kind: 'heatmap',
          title: 'Event loops: lateness',
          description: 'How late timers fire, of all processes. What sits above 0.1 s delays every phone.',
          unit: 's',
          queries: { '{{le}}': sum('le', rate('rollcall_event_loop_delay_seconds_bucket')) },
        },
      ],
    },
    {
      title: 'Calls along flows',
      panels: [
        {
          kind: 'stack',
          title: 'Forwarded, by method',
          description: 'Requests that an edge passed on along the flow of the phone they are for.',
          unit: 'reqps',
          queries: { '{{method}}': sum('method', rate('rollcall_sip_requests_forwarded_total')) },
        },
        {
          kind: 'stack',
          title: 'Answers of phones',
          description: 'Responses passed back to callers.',
          unit: 'reqps',
          queries: { '{{code_class}}': sum('code_class', rate('rollcall_sip_responses_forwarded_total')) },
        },
        {
          kind: 'lines',
          title: 'Not forwarded',
          description:
            '430: the connection is gone. 403: the token is none of ours; look at EDGE_FLOW_SECRETS where there are many. Ends given up: connections that ended without the registrar hearing of it.',
          unit: 'reqps',
          queries: {
            '{{code}}': sum('code', rate('rollcall_sip_forwarding_refused_total')),
            'ends given up': sum('', rate('rollcall_sip_flow_ends_given_up_total')),
          },
        },
      ],
    },
    {
      title: 'What runs',
      panels: [
        {
          kind: 'table',
          title: 'Versions',
          description: 'Processes by what they run.',
          unit: 'short',
          width: 12,
          queries: {
            versions: 'count by (component, version, revision, node_version) (rollcall_build_info{SELECT})',
          },
        },
        {
          kind: 'lines',
          title: 'Dependencies that do not answer',
          description: 'Number of processes that miss each dependency. Should be empty.',
          unit: 'short',
          width: 12,
          queries: { '{{dependency}}': 'count by (dependency) (rollcall_dependency_up{SELECT} == 0)' },
        },
      ],
    },
  ],
};
