import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { BuildVersion } from './build-version.ts';
import type { Clock } from './clock.ts';
import type { ListenAddress } from './config-schemas.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addHeapSnapshotRoute } from './heap-snapshot-route.ts';
import { followHttp } from './http-metrics.ts';
import { listening } from './listening.ts';
import { LogLevel } from './log-level.ts';
import { addLogLevelRoute } from './log-level-route.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { problemOf, sendProblem } from './problem-json.ts';
import { Readiness, type ReadinessCheck } from './readiness.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** Nothing that is asked here has a body; an admin API sets its own limit on its routes. */
const bodyLimitBytes = 64 * 1024;
const requestTimeoutMs = 10_000;
const keepAliveTimeoutMs = 75_000;

/** Options of {@link startHttp}. */
export interface HttpOptions {
  /** Where to listen; port 0 for any free one. */
  readonly listen: ListenAddress;
  /** What must be so before traffic is sent here. */
  readonly checks: readonly ReadinessCheck[];
  readonly metrics: Metrics;
  readonly version: BuildVersion;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly serviceMetrics?: ServiceMetrics;
  /** True: the heap may be read; see {@link addHeapSnapshotRoute}. */
  readonly heapSnapshots?: boolean;
  /** The variable that says where to listen, for the message where that fails. */
  readonly variable?: string;
  /** True: /readyz answers 503 until {@link HttpServer.setStarted}. */
  readonly starting?: boolean;
}

/** The HTTP server of a process. */
export interface HttpServer {
  /** The port it listens on. */
  readonly port: number;
  /** What the process is for has begun: from now on /readyz answers as the checks do. */
  setStarted(): void;
  /** From now on /readyz answers 503. */
  setDraining(): void;
  /** Takes no more requests, finishes those that run. */
  close(): Promise<void>;
}

/**
 * Serves /livez, /healthz, /readyz, /metrics and /version; to this machine /log-level, and the heap where it is told to.
 *
 * @throws ListenError where the address cannot be had
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { app, setStarted, setDraining } = buildHttp(options);
  const { host, port } = options.listen;
  await listening(options.variable ?? 'HTTP_LISTEN', `${host}:${port}`, app.listen({ host, port }));
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    setStarted,
    setDraining,
    close: () => app.close(),
  };
}

/** The server without its socket. */
export function buildHttp(options: Omit<HttpOptions, 'listen' | 'variable'>): {
  app: FastifyInstance;
  setStarted: () => void;
  setDraining: () => void;
} {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  const readiness = new Readiness(options.checks, options.clock);
  let starting = options.starting === true;
  let draining = false;
  followHttp(app, options.metrics);
  addHealthRoutes(app, {
    readiness,
    isStarting: () => starting,
    isDraining: () => draining,
    ...options,
  });
  refuseOtherMethods(app);
  if (options.logger !== undefined) addLogLevelRoute(app, new LogLevel(options.logger, options.clock));
  if (options.heapSnapshots === true) addHeapSnapshotRoute(app, options.logger);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      { status: 404, title: 'Not Found', detail: `Nothing is at ${request.url}.`, code: 'NOT_FOUND' },
      request.id,
    ),
  );
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options.logger));
  return {
    app,
    setStarted: () => {
      starting = false;
    },
    setDraining: () => {
      draining = true;
      options.serviceMetrics?.setDraining(true);
      options.serviceMetrics?.setReady(false);
    },
  };
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger | undefined,
) {
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : 500;
  if (status >= 500) logger?.error({ err: error, url: request.url }, 'HTTP request failed');
  return sendProblem(
    reply,
    problemOf(status, error instanceof Error ? error.message : 'Bad request.'),
    request.id,
  );
}

/** 405 with Allow for a known path asked with another method (RFC 9110 section 15.5.6). */
function refuseOtherMethods(app: FastifyInstance): void {
  for (const url of ['/livez', '/healthz', '/readyz', '/metrics', '/version']) {
    app.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url,
      handler: (request, reply) =>
        sendProblem(
          reply.header('allow', 'GET, HEAD'),
          {
            status: 405,
            title: 'Method Not Allowed',
            detail: `${url} answers GET and HEAD only.`,
            code: 'METHOD_NOT_ALLOWED',
          },
          request.id,
        ),
    });
  }
}
