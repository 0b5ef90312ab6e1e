import { readFileSync } from 'node:fs';
import { type ClientTrust, formatHostPort, type HostPort } from '@rollcall/transport';
import { type Command, Option } from 'commander';
import type { AddressOfRecord } from './address-argument.ts';
import { argument, type CliContext, wholeNumber } from './cli-context.ts';
import { type ClientTransport, clientTransports } from './client-transports.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { parseServer } from './server-argument.ts';
import { SipCaller } from './sip-caller.ts';

/** Options of the commands that speak SIP. */
export interface SipOptions {
  readonly server: HostPort;
  readonly transport: ClientTransport;
  /** Seconds. */
  readonly timeout: number;
  /** Path of a file with who may have signed the server's certificate. */
  readonly ca?: string;
  /** The name that the certificate must prove. */
  readonly serverName?: string;
  /** No proof is asked for. */
  readonly insecure?: true;
}

/** Adds them to a command. */
export function addSipOptions(command: Command, context: CliContext): Command {
  const { server } = context.config;
  return command
    .addOption(
      new Option('--server <host[:port]>', 'where the requests go')
        .argParser(argument(parseServer))
        .default(server, server.port === 0 ? server.host : formatHostPort(server)),
    )
    .addOption(new Option('--transport <name>', 'how they go there').choices(clientTransports).default('udp'))
    .option('--ca <path>', "who may have signed the server's certificate, PEM (default: whom Node trusts)")
    .option(
      '--server-name <name>',
      "the name that the certificate must prove (default: the address's domain)",
    )
    .addOption(
      new Option(
        '--insecure',
        'over tls and wss: trust whoever answers; the password is not safe then',
      ).conflicts('ca'),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for each answer')
        .argParser(argument(wholeNumber(1, 32)))
        .default(5),
    );
}

/**
 * Opens the way that the options name, uses it and closes it.
 *
 * @param localPort the port of this end; another is taken where it is in use; 0: any
 */
export async function withCaller<T>(
  options: SipOptions,
  aor: AddressOfRecord,
  context: CliContext,
  localPort: number,
  use: (caller: SipCaller) => Promise<T>,
): Promise<T> {
  const caller = await SipCaller.open({
    server: options.server,
    transport: options.transport,
    trust: readTrust(options, aor, context),
    timeoutMs: options.timeout * 1000,
    localPort,
    clock: context.clock,
  });
  try {
    return await use(caller);
  } finally {
    await caller.close();
  }
}

/** Where the requests went, as JSON shows it. */
export function describeServer(caller: SipCaller): { server: string; transport: ClientTransport } {
  return { server: formatHostPort(caller.server), transport: caller.transport };
}

function readTrust(options: SipOptions, aor: AddressOfRecord, context: CliContext): ClientTrust {
  const domain = options.serverName ?? aor.domain;
  if (options.insecure) {
    const secured = options.transport === 'tls' || options.transport === 'wss';
    if (secured) context.warn('--insecure: nobody knows who answers, and who answers can read everything');
    return { domain, insecure: true };
  }
  return options.ca === undefined ? { domain } : { domain, ca: readCa(options.ca) };
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandFailure(exitCodes.usage, `the file "${path}" of --ca cannot be read`, { cause });
  }
}
