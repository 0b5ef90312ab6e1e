import { addAuthMetrics } from '@rollcall/auth';
import { addProbeMetrics } from '@rollcall/cli';
import { catalogueEdgeMetrics } from '@rollcall/edge';
import { addLocationMetrics } from '@rollcall/location';
import { createRedirectMetrics } from '@rollcall/redirect';
import { createRegistrarMetrics } from '@rollcall/registrar';
import { Metrics, openChassis, quietProcess } from '@rollcall/runtime';

/** One metric, as the code registers it. */
export type MetricDescription = ReturnType<Metrics['describe']>[number];

/** What each service, and the canary (`rollcall probe --loop`), adds to the metrics that every process has. */
const services: Readonly<Record<string, (metrics: Metrics) => void>> = {
  edge: catalogueEdgeMetrics,
  registrar: (metrics) =>
    createRegistrarMetrics(metrics, { vectors: () => 0, watchLive: () => true, watches: () => 0 }),
  auth: addAuthMetrics,
  location: addLocationMetrics,
  redirect: createRedirectMetrics,
  canary: addProbeMetrics,
};

/** The metrics of each service beyond those that every process has, by the service's name. */
export function describeServices(): Record<string, MetricDescription[]> {
  return Object.fromEntries(
    Object.entries(services).map(([name, register]) => {
      const metrics = new Metrics();
      register(metrics);
      return [name, metrics.describe()];
    }),
  );
}

/** The metrics that every process has, as the chassis itself registers them. */
export async function describeCommon(): Promise<MetricDescription[]> {
  const chassis = openChassis('edge', quietProcess, []);
  const http = await chassis.serveHttp([]);
  await http.close();
  chassis.metrics.close();
  return chassis.metrics.describe();
}
