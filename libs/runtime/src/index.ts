export { type AorInLogs, aorInLogs, hashAor } from './aor-in-logs.ts';
export { type BuildVersion, readBuildVersion } from './build-version.ts';
export { checkAuthority, checkKeyPair } from './certificate-checks.ts';
export { type CertificateMetrics, certificateMetrics } from './certificate-metrics.ts';
export { type Chassis, openChassis } from './chassis.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { readConfig, showConfig } from './config.ts';
export { ConfigError, type ConfigProblem, configExitCode } from './config-error.ts';
export {
  anyText,
  flag,
  grpcListen,
  grpcTarget,
  hostPort,
  hostPortList,
  type ListenAddress,
  milliseconds,
  oneOf,
  seconds,
  someText,
  textAs,
  wholeNumber,
  words,
} from './config-schemas.ts';
export {
  type ConfigOf,
  describeVariables,
  renderVariables,
  type Variable,
  type VariableDescription,
  type VariableTable,
} from './config-variables.ts';
export type { Counter, CounterSeries } from './counter.ts';
export { FileChanges } from './file-changes.ts';
export { firstReady } from './first-ready.ts';
export type { Gauge, GaugeSeries } from './gauge.ts';
export { followGrpc, type GrpcObservers } from './grpc-metrics.ts';
export { checkGrpcTls, type GrpcRole, type GrpcTlsConfig, GrpcTlsFiles } from './grpc-tls-files.ts';
export { grpcTlsVariables } from './grpc-tls-variables.ts';
export { callBuckets, type Histogram, type HistogramSeries, sipBuckets, stepBuckets } from './histogram.ts';
export { type HttpOptions, type HttpServer, startHttp } from './http.ts';
export { ListenError, listening } from './listening.ts';
export { LogLimit } from './log-limit.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export type { LabelSets, LabelValues } from './metric-family.ts';
export { Metrics } from './metrics.ts';
export { noteUnusable, readNamedFile } from './named-files.ts';
export { runProgram, type Stoppable, type StopStep } from './program.ts';
export type { CheckResult, ReadinessCheck } from './readiness.ts';
export { addServiceMetrics, type ServiceMetrics } from './service-metrics.ts';
export { callersVariable, quietProcess, sharedVariables, targetVariable } from './shared-variables.ts';
export { type Span, type SpanFacts, type Tracing, traceIdOf } from './tracing.ts';
