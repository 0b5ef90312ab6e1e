import type { FastifyInstance } from 'fastify';
import { callBuckets } from './histogram.ts';
import type { Metrics } from './metrics.ts';

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
/** Requests that met no route: their paths are whatever somebody tries. */
const noRoute = 'none';

/** Follows the requests to an HTTP server, with the name and labels that public dashboards know. */
export function followHttp(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'How long HTTP requests took, by the pattern of their route.',
    labels: { method: methods, route: null, code: null },
    buckets: callBuckets,
    preCreate: false,
  });
  app.addHook('onResponse', async (request, reply) => {
    seconds
      .with({
        method: request.method as (typeof methods)[number],
        route: request.is404 ? noRoute : (request.routeOptions.url ?? noRoute),
        code: String(reply.statusCode),
      })
      .observe(reply.elapsedTime / 1000);
  });
}
