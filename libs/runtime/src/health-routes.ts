import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BuildVersion } from './build-version.ts';
import type { Metrics } from './metrics.ts';
import type { CheckResult, Readiness } from './readiness.ts';
import type { ServiceMetrics } from './service-metrics.ts';

interface HealthParts {
  readonly readiness: Readiness;
  /** Before the process serves what it is for. */
  readonly isStarting: () => boolean;
  readonly isDraining: () => boolean;
  readonly metrics: Metrics;
  readonly version: BuildVersion;
  readonly serviceMetrics?: ServiceMetrics;
}

interface ReadyzQuery {
  /** Present: one line of text for each check. */
  readonly verbose?: string;
  /** Checks that do not count, as with kube-apiserver: ?exclude=redis&exclude=auth. */
  readonly exclude?: string | readonly string[];
}

/** Adds /livez, /healthz, /readyz, /metrics and /version. */
export function addHealthRoutes(app: FastifyInstance, parts: HealthParts): void {
  // Alive is who answers at all: no dependency is asked, else its outage would restart every pod.
  for (const url of ['/livez', '/healthz']) {
    app.get(url, (_request, reply) => unstored(reply).send({ status: 'ok', checks: [] }));
  }
  app.get<{ Querystring: ReadyzQuery }>('/readyz', async (request, reply) => {
    const { ready, results } = await judge(parts, excluded(request.query.exclude));
    unstored(reply).code(ready ? 200 : 503);
    if (request.query.verbose !== undefined)
      return reply.type('text/plain; charset=utf-8').send(asLines(ready, results));
    return reply.send({ status: ready ? 'ok' : 'unavailable', checks: results });
  });
  app.get('/metrics', async (_request, reply) => {
    // Nobody may ever ask /readyz: the gauges of readiness are to be true all the same.
    await judge(parts, []);
    const { contentType, body } = await parts.metrics.render();
    return unstored(reply).type(contentType).send(body);
  });
  app.get('/version', (_request, reply) => unstored(reply).send(parts.version));
}

async function judge(
  parts: HealthParts,
  without: readonly string[],
): Promise<{ ready: boolean; results: CheckResult[] }> {
  const itself: CheckResult = parts.isDraining()
    ? { name: 'process', ok: false, problem: 'it is stopping' }
    : parts.isStarting()
      ? { name: 'process', ok: false, problem: 'it is starting' }
      : { name: 'process', ok: true };
  const results = [itself, ...(await parts.readiness.results())];
  for (const { name, ok } of results.slice(1)) parts.serviceMetrics?.setDependency(name, ok);
  const counted = results.filter(({ name }) => !without.includes(name));
  const ready = counted.every(({ ok, advisory }) => ok || advisory === true);
  if (without.length === 0) parts.serviceMetrics?.setReady(ready);
  return { ready, results: counted };
}

function excluded(query: string | readonly string[] | undefined): readonly string[] {
  if (query === undefined) return [];
  return typeof query === 'string' ? [query] : query;
}

function asLines(ready: boolean, results: readonly CheckResult[]): string {
  const lines = results.map(({ name, ok, problem }) =>
    ok ? `[+]${name} ok` : `[-]${name} failed: ${problem ?? ''}`,
  );
  return [...lines, ready ? 'readyz check passed' : 'readyz check failed', ''].join('\n');
}

function unstored(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}
