import type { RuleGroup } from '../rule.ts';

/**
 * Metrics of others that alerts and panels read: node_exporter, redis_exporter, cAdvisor and kube-state-metrics. Where
 * none is scraped they stay silent and empty.
 */
export const foreignMetrics: readonly string[] = [
  'node_nf_conntrack_entries',
  'node_nf_conntrack_entries_limit',
  'redis_up',
  'redis_memory_used_bytes',
  'redis_memory_max_bytes',
  'redis_evicted_keys_total',
  'redis_rejected_connections_total',
  'redis_master_link_up',
  'redis_instance_info',
  'redis_cluster_enabled',
  'redis_commands_processed_total',
  'redis_connected_clients',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_cfs_periods_total',
  'kube_pod_container_status_restarts_total',
  'kube_pod_container_resource_limits',
];

/** Labels of theirs. */
export const foreignLabels: readonly string[] = ['role', 'container', 'resource'];

/** The servers that one job scrapes are taken for one Redis with its replicas. */
const redisGroup = 'cluster, namespace, job';
const redisRole = (instance: string, role: string) =>
  `redis_instance_info{job="redis",instance="${instance}",role="${role}"}`;

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
      name: 'SipRedisWithoutMaster',
      severity: 'critical',
      expr: [
        `count by (${redisGroup}) (redis_up == 1)`,
        `unless on (${redisGroup}) count by (${redisGroup}) (redis_instance_info{role="master"})`,
      ].join('\n'),
      for: '1m',
      summary: 'Redis {{ $labels.job }}: no server is the primary',
      description:
        '{{ $value | printf "%.0f" }} servers are up, all of them replicas: nothing can be registered until one is promoted.',
      fires: {
        series: {
          'redis_up{job="redis",instance="redis-1"}': '1x15',
          [redisRole('redis-0', 'master')]: '1x5 _x10',
          [redisRole('redis-1', 'slave')]: '1x15',
        },
        at: '14m',
      },
      silent: {
        series: {
          'redis_up{job="redis",instance="redis-1"}': '1x15',
          [redisRole('redis-0', 'master')]: '1x15',
          [redisRole('redis-1', 'slave')]: '1x15',
        },
        at: '14m',
      },
    },
    {
      name: 'SipRedisSeveralMasters',
      severity: 'warning',
      expr: [
        `count by (${redisGroup}) (redis_instance_info{role="master"}) > 1`,
        `unless on (${redisGroup}) max by (${redisGroup}) (redis_cluster_enabled) == 1`,
      ].join('\n'),
      for: '1m',
      summary: 'Redis {{ $labels.job }}: {{ $value | printf "%.0f" }} servers say that they are the primary',
      description:
        'After a fail-over the old primary came back as one, or the network is split: what is registered at one is unknown to the other.',
      fires: {
        series: {
          [redisRole('redis-0', 'master')]: '1x15',
          [redisRole('redis-1', 'slave')]: '1x5 _x10',
          [redisRole('redis-1', 'master')]: '_x5 1x10',
        },
        at: '14m',
      },
      silent: {
        series: {
          [redisRole('redis-0', 'master')]: '1x15',
          [redisRole('redis-1', 'master')]: '1x15',
          'redis_cluster_enabled{job="redis",instance="redis-0"}': '1x15',
          'redis_cluster_enabled{job="redis",instance="redis-1"}': '1x15',
        },
        at: '14m',
      },
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
