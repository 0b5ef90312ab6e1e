import { anyText, type ConfigOf, grpcTarget, grpcTlsVariables, readConfig, textAs } from '@rollcall/runtime';
import type { HostPort } from '@rollcall/transport';
import { parseServer } from './server-argument.ts';

/** The command's variables; each is the default of an option. */
export const cliVariables = {
  server: {
    name: 'ROLLCALL_SERVER',
    default: '127.0.0.1',
    meaning:
      'Where SIP requests go: host[:port], IPv6 in brackets; without a port where SRV records of the transport say (RFC 3263), else at its usual one. The default of `--server`.',
    schema: textAs<HostPort>('host or host:port, for example 127.0.0.1:5060 or [::1]:5060', tryServer),
  },
  location: {
    name: 'ROLLCALL_LOCATION',
    default: '127.0.0.1:50053',
    meaning: 'Where location serves gRPC. The default of `--location`.',
    schema: grpcTarget,
  },
  ...grpcTlsVariables,
  password: {
    name: 'ROLLCALL_PASSWORD',
    default: '',
    meaning: 'The password to register with, where neither `--password` nor `--password-file` is given.',
    schema: anyText,
    secret: true,
  },
  noColor: {
    name: 'NO_COLOR',
    default: '',
    meaning: 'Not empty: no colours, on terminals neither.',
    schema: anyText,
  },
} as const;

/** The command's configuration. */
export type CliConfig = ConfigOf<typeof cliVariables>;

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError with every problem
 */
export function readCliConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  return readConfig(cliVariables, env);
}

/** The environment as it is, for showing what services would read from it. */
export function readEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

function tryServer(text: string): HostPort | undefined {
  try {
    return parseServer(text);
  } catch {
    return undefined;
  }
}
