import type { BuildVersion } from './build-version.ts';
import type { Metrics } from './metrics.ts';

const dependencies = ['redis', 'auth', 'location', 'registrar', 'redirect', 'subscribers', 'other'] as const;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'other'] as const;

/** The dependencies that {@link ServiceMetrics.setDependency} knows; any other counts as 'other'. */
export type Dependency = (typeof dependencies)[number];

/** Metrics that every service has. */
export interface ServiceMetrics {
  setReady(ready: boolean): void;
  setDraining(draining: boolean): void;
  setDependency(dependency: string, up: boolean): void;
  countMessage(level: string): void;
}

/** Adds the metrics that every service has: build, readiness, dependencies, log messages. Once for a process. */
export function addServiceMetrics(
  metrics: Metrics,
  component: string,
  version: BuildVersion,
): ServiceMetrics {
  metrics
    .gauge({
      name: 'rollcall_build_info',
      help: 'Always 1; its labels say what runs.',
      labels: {
        version: [version.version],
        revision: [version.revision],
        node_version: [version.node],
        component: [component],
      },
    })
    .with({ version: version.version, revision: version.revision, node_version: version.node, component })
    .set(1);
  const ready = metrics.gauge({ name: 'rollcall_ready', help: '1 while /readyz answers 200.' }).with({});
  const draining = metrics
    .gauge({ name: 'rollcall_draining', help: '1 once the process is stopping.' })
    .with({});
  const up = metrics.gauge({
    name: 'rollcall_dependency_up',
    help: '1 while the dependency answers.',
    labels: { dependency: dependencies },
    preCreate: false,
  });
  const messages = metrics.counter({
    name: 'rollcall_log_messages_total',
    help: 'Log messages written, by level.',
    labels: { level: logLevels },
  });
  return {
    setReady: (value) => ready.set(value ? 1 : 0),
    setDraining: (value) => draining.set(value ? 1 : 0),
    setDependency: (dependency, value) => {
      up.with({ dependency: dependency as Dependency }).set(value ? 1 : 0);
    },
    countMessage: (level) => {
      messages.with({ level: level as (typeof logLevels)[number] }).inc();
    },
  };
}
