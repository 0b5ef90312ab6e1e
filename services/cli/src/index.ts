export { type CliParts, runCli } from './cli.ts';
export { type CliConfig, readCliConfig } from './config.ts';
export { type ExitCode, exitCodes } from './exit-codes.ts';
export { addProbeMetrics } from './probe-metrics.ts';
