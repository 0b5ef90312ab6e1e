import { certificateMetrics } from './certificate-metrics.ts';
import type { Clock } from './clock.ts';
import { ConfigError } from './config-error.ts';
import { checkGrpcTls, type GrpcRole, type GrpcTlsConfig, GrpcTlsFiles } from './grpc-tls-files.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/**
 * Opens what a service speaks TLS with over gRPC; undefined where it speaks none.
 *
 * @throws ConfigError where the files cannot be used
 */
export function openGrpcTls(parts: {
  readonly config: GrpcTlsConfig;
  readonly roles: readonly GrpcRole[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): GrpcTlsFiles | undefined {
  const { config, roles, clock, logger, metrics } = parts;
  const problems = checkGrpcTls(config, roles);
  if (problems.length > 0) throw new ConfigError(problems);
  const counts = certificateMetrics(metrics);
  if (config.grpcTlsCertFile === '' && config.grpcTlsCaFile === '') return undefined;
  const warnOfEnded = () => {
    if ((files.notAfterMs ?? Number.POSITIVE_INFINITY) < clock.nowMs())
      logger.warn(
        describe(files),
        'the gRPC certificate has ended: other services refuse it; renew the file of GRPC_TLS_CERT_FILE',
      );
  };
  const files: GrpcTlsFiles = new GrpcTlsFiles({
    config,
    clock,
    onReload: (found) => {
      if (found.length > 0)
        logger.error(
          { problems: found },
          'the gRPC certificate is not usable; the previous one stays in use',
        );
      else {
        logger.info(describe(files), 'gRPC certificate read again');
        warnOfEnded();
      }
      counts.reloaded(found.length > 0 ? 'failure' : 'success');
    },
  });
  warnOfEnded();
  if (config.grpcTlsCertFile !== '')
    for (const role of roles) counts.show(`grpc_${role}`, () => [files.notAfterMs ?? Number.NaN]);
  return files;
}

function describe({ notAfterMs }: GrpcTlsFiles): { notAfter?: string } {
  return notAfterMs === undefined ? {} : { notAfter: new Date(notAfterMs).toISOString() };
}
