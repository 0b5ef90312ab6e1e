import type { ConnectOptions } from '@rollcall/rpc';
import { checkGrpcTls, type GrpcTlsConfig, GrpcTlsFiles } from '@rollcall/runtime';
import { type Command, Option } from 'commander';
import type { CliContext } from './cli-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Options that say how gRPC servers are reached over TLS. */
export interface GrpcOptions {
  /** Paths of PEM files; empty for none. */
  readonly grpcCa: string;
  readonly grpcCert: string;
  readonly grpcKey: string;
  /** The name that their certificates must prove; empty for that of the target. */
  readonly grpcName: string;
}

/** Adds them to a command. */
export function addGrpcOptions(command: Command, { config }: CliContext): Command {
  return command
    .addOption(
      new Option(
        '--grpc-ca <path>',
        "gRPC over TLS: who may have signed the server's certificate, PEM (default: no TLS)",
      ).default(config.grpcTlsCaFile, shown(config.grpcTlsCaFile)),
    )
    .addOption(
      new Option(
        '--grpc-cert <path>',
        'the certificate that the server is shown, PEM, where it asks for one',
      ).default(config.grpcTlsCertFile, shown(config.grpcTlsCertFile)),
    )
    .addOption(
      new Option('--grpc-key <path>', 'its key, PEM').default(
        config.grpcTlsKeyFile,
        shown(config.grpcTlsKeyFile),
      ),
    )
    .addOption(
      new Option(
        '--grpc-name <name>',
        "the name that the server's certificate must prove (default: the host that is asked)",
      ).default(config.grpcTlsServerName, shown(config.grpcTlsServerName)),
    );
}

/**
 * Does something with connections to gRPC servers as the options say. The files are read again when they change: a canary
 * outlives its certificate.
 *
 * @throws CommandFailure where the files cannot be used
 */
export async function withGrpc<T>(
  options: GrpcOptions,
  context: CliContext,
  use: (connecting: ConnectOptions) => Promise<T>,
): Promise<T> {
  const files = openFiles(options, context);
  try {
    return await use({ clock: context.clock, tls: files });
  } finally {
    files?.close();
  }
}

function openFiles(options: GrpcOptions, { clock, warn }: CliContext): GrpcTlsFiles | undefined {
  const config: GrpcTlsConfig = {
    grpcTlsCaFile: options.grpcCa,
    grpcTlsCertFile: options.grpcCert,
    grpcTlsKeyFile: options.grpcKey,
    grpcTlsServerName: options.grpcName,
  };
  const problems = checkGrpcTls(config, ['client']).map(
    ({ variable, value, problem }) =>
      `${optionNames[variable] ?? variable}${value === undefined ? '' : ` ${value}`} ${inOptions(problem)}`,
  );
  if (problems.length > 0) throw new CommandFailure(exitCodes.usage, problems.join('; '));
  if (config.grpcTlsCaFile === '') return undefined;
  return new GrpcTlsFiles({
    config,
    clock,
    onReload: (found) => {
      for (const { problem } of found) warn(`a renewed certificate ${problem}`);
    },
  });
}

const optionNames: Readonly<Record<string, string>> = {
  GRPC_TLS_CA_FILE: '--grpc-ca',
  GRPC_TLS_CERT_FILE: '--grpc-cert',
  GRPC_TLS_KEY_FILE: '--grpc-key',
  GRPC_TLS_SERVER_NAME: '--grpc-name',
};

function inOptions(problem: string): string {
  return problem.replace(/GRPC_TLS_[A-Z_]+/g, (variable) => optionNames[variable] ?? variable);
}

function shown(text: string): string | undefined {
  return text === '' ? undefined : text;
}
