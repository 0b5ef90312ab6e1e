import type { RuleGroup } from '../rule.ts';

/** Metrics of others that these alerts read: node_exporter and redis_exporter. Where neither is scraped they stay silent. */
export const foreignMetrics: readonly string[] = [
  'node_nf_conntrack_entries',
  'node_nf_conntrack_entries_limit',
  'redis_up',
  'redis_memory_used_bytes',
  'redis_memory_max_bytes',
  'redis_evicted_keys_total',
  'redis_rejected_connections_total',
  'redis_master_link_up',
];

/** What Rollcall stands on. */
export const surroundingsAlerts: RuleGroup = {
  name: 'rollcall-surroundings',
  alerts: [
    {
      name: 'SipConntrackNearLimit',
      severity: 'warning',
      expr: 'node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 0.8',
      for: '5m',
      summary: 'Node {{ $labels.instance }}: the connection-tracking table is nearly full',
      description:
        '{{ $value | humanizePercentage }} of the table is used; when it is full, the node drops UDP of phones it does not know yet.',
      fires: {
        series: {
          'node_nf_conntrack_entries{instance="node-1"}': '230000x20',
          'node_nf_conntrack_entries_limit{instance="node-1"}': '262144x20',
        },
        at: '10m',
      },
      silent: {
        series: {
          'node_nf_conntrack_entries{instance="node-1"}': '130000x20',
          'node_nf_conntrack_entries_limit{instance="node-1"}': '262144x20',
        },
        at: '10m',
      },
    },
    {
      name: 'SipRedisDown',
      severity: 'critical',
      expr: 'redis_up == 0',
      for: '1m',
      summary: 'Redis {{ $labels.instance }} is down',
      description:
        'The exporter cannot reach this Redis. Without a primary nothing can be registered or looked up.',
      fires: { series: { 'redis_up{instance="redis-0"}': '1x5 0x10' }, at: '10m' },
      silent: { series: { 'redis_up{instance="redis-0"}': '1x15' }, at: '10m' },
    },
    {
      name: 'SipRedisEvicting',
      severity: 'critical',
      expr: 'increase(redis_evicted_keys_total[5m]) > 0',
      for: '0m',
      summary: 'Redis {{ $labels.instance }} throws keys away',
      description:
        '{{ $value | printf "%.0f" }} keys were evicted in 5 minutes: these are bindings of users who believe that they are registered.',
      fires: { series: { 'redis_evicted_keys_total{instance="redis-0"}': '0x5 10x10' }, at: '8m' },
      silent: { series: { 'redis_evicted_keys_total{instance="redis-0"}': '10x15' }, at: '8m' },
    },
    {
      name: 'SipRedisMemoryHigh',
      severity: 'warning',
      expr: 'redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9',
      for: '5m',
      summary: 'Redis {{ $labels.instance }}: memory nearly used up',
      description:
        '{{ $value | humanizePercentage }} of maxmemory is used; beyond it writes fail, and so do registrations.',
      fires: {
        series: {
          'redis_memory_used_bytes{instance="redis-0"}': '950x20',
          'redis_memory_max_bytes{instance="redis-0"}': '1000x20',
        },
        at: '10m',
      },
      silent: {
        series: {
          'redis_memory_used_bytes{instance="redis-0"}': '950x20',
          'redis_memory_max_bytes{instance="redis-0"}': '0x20',
        },
        at: '10m',
      },
    },
    {
      name: 'SipRedisRejectingConnections',
      severity: 'warning',
      expr: 'increase(redis_rejected_connections_total[5m]) > 0',
      for: '0m',
      summary: 'Redis {{ $labels.instance }} refuses connections',
      description:
        '{{ $value | printf "%.0f" }} connections were refused in 5 minutes: maxclients is reached.',
      fires: { series: { 'redis_rejected_connections_total{instance="redis-0"}': '0x5 3x10' }, at: '8m' },
      silent: { series: { 'redis_rejected_connections_total{instance="redis-0"}': '3x15' }, at: '8m' },
    },
    {
      name: 'SipRedisReplicationBroken',
      severity: 'warning',
      expr: 'redis_master_link_up == 0',
      for: '2m',
      summary: 'Redis {{ $labels.instance }}: the replica has lost its primary',
      description: 'A fail-over to this replica would lose what was registered since.',
      fires: { series: { 'redis_master_link_up{instance="redis-1"}': '1x5 0x10' }, at: '10m' },
      silent: { series: { 'redis_master_link_up{instance="redis-1"}': '1x15' }, at: '10m' },
    },
  ],
};
