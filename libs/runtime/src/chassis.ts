import { type AorInLogs, aorInLogs } from './aor-in-logs.ts';
import { type BuildVersion, readBuildVersion } from './build-version.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ConfigOf } from './config-variables.ts';
import { followGrpc, type GrpcObservers } from './grpc-metrics.ts';
import type { GrpcRole, GrpcTlsFiles } from './grpc-tls-files.ts';
import { type HttpServer, startHttp } from './http.ts';
import { createLogger, type Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { openGrpcTls } from './open-grpc-tls.ts';
import { openTracing } from './open-tracing.ts';
import type { ReadinessCheck } from './readiness.ts';
import { addServiceMetrics } from './service-metrics.ts';
import type { sharedVariables } from './shared-variables.ts';
import type { Tracing } from './tracing.ts';

/** What every service stands on: time, log, metrics, and the HTTP server that shows them. */
export interface Chassis {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly version: BuildVersion;
  /** Follow gRPC calls for metrics and log; for the options of connections and servers. */
  readonly grpc: GrpcObservers & {
    readonly tracer: Tracing['calls'] | undefined;
    /** What TLS is spoken with; undefined for none. */
    readonly tls: GrpcTlsFiles | undefined;
  };
  /** Undefined where no traces are wanted. */
  readonly tracing: Tracing | undefined;
  /** How this process writes AORs into its log. */
  readonly aorInLogs: AorInLogs;
  /** Starts the HTTP server; /readyz answers 200 once all checks are fine, and {@link HttpServer.setStarted} was called. */
  serveHttp(checks: readonly ReadinessCheck[]): Promise<HttpServer>;
}

/**
 * Opens the chassis of a service process: once for a process.
 *
 * @param grpcRoles what the process is to others over gRPC
 * @throws ConfigError where the files of GRPC_TLS_… cannot be used
 */
export function openChassis(
  service: string,
  config: ConfigOf<typeof sharedVariables>,
  grpcRoles: readonly GrpcRole[],
): Chassis {
  const version = readBuildVersion();
  const metrics = new Metrics();
  metrics.collectProcess();
  const serviceMetrics = addServiceMetrics(metrics, service, version);
  const logger = createLogger({
    service,
    level: config.logLevel,
    format: config.logFormat,
    onMessage: (level) => serviceMetrics.countMessage(level),
  });
  const tracing = openTracing({
    service,
    version: version.version,
    config,
    clock: systemClock,
    logger,
    metrics,
  });
  const tls = openGrpcTls({ config, roles: grpcRoles, clock: systemClock, logger, metrics });
  return {
    clock: systemClock,
    logger,
    metrics,
    version,
    grpc: { ...followGrpc(metrics, logger, systemClock), tracer: tracing?.calls, tls },
    tracing,
    aorInLogs: aorInLogs(config.logAor),
    serveHttp: (checks) =>
      startHttp({
        listen: config.httpListen,
        heapSnapshots: config.heapSnapshots,
        checks,
        starting: true,
        metrics,
        version,
        clock: systemClock,
        logger,
        serviceMetrics,
      }),
  };
}
