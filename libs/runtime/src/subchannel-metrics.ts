import type { Metrics } from './metrics.ts';

const services = ['registrar', 'auth', 'location', 'redirect'] as const;
const states = ['ready', 'connecting', 'transient_failure', 'idle'] as const;

/** Connections by the service that they lead to: what @rollcall/rpc makes, though this package does not know it. */
export type SubchannelSources = Readonly<
  Partial<
    Record<(typeof services)[number], { subchannels(): Readonly<Record<(typeof states)[number], number>> }>
  >
>;

/**
 * Adds the channels to the replicas of each service that this process calls, read at each scrape.
 *
 * @returns takes the connections, once they are made
 */
export function addSubchannelMetrics(metrics: Metrics): (sources: SubchannelSources) => void {
  let known: SubchannelSources = {};
  metrics.gauge({
    name: 'rollcall_grpc_subchannels',
    help: 'Channels to the replicas of a service that this process calls, by state. A pod with fewer ready ones than the others does not reach all of them.',
    labels: { service: services, state: states },
    preCreate: false,
    collect: (gauge) => {
      for (const service of services) {
        const counts = known[service]?.subchannels();
        if (counts === undefined) continue;
        for (const state of states) gauge.with({ service, state }).set(counts[state]);
      }
    },
  });
  return (sources) => {
    known = sources;
  };
}
