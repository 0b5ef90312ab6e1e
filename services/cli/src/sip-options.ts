import { formatHostPort, type HostPort } from '@rollcall/transport';
import { type Command, Option } from 'commander';
import { argument, type CliContext, wholeNumber } from './cli-context.ts';
import { type ClientTransport, clientTransports } from './client-flow.ts';
import { parseServer } from './server-argument.ts';
import { SipCaller } from './sip-caller.ts';

/** Options of the commands that speak SIP. */
export interface SipOptions {
  readonly server: HostPort;
  readonly transport: ClientTransport;
  /** Seconds. */
  readonly timeout: number;
}

/** Adds them to a command. */
export function addSipOptions(command: Command, context: CliContext): Command {
  const { server } = context.config;
  return command
    .addOption(
      new Option('--server <host[:port]>', 'where the requests go')
        .argParser(argument(parseServer))
        .default(server, formatHostPort(server)),
    )
    .addOption(new Option('--transport <name>', 'how they go there').choices(clientTransports).default('udp'))
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
  context: CliContext,
  localPort: number,
  use: (caller: SipCaller) => Promise<T>,
): Promise<T> {
  const caller = await SipCaller.open({
    server: options.server,
    transport: options.transport,
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
export function describeServer(options: SipOptions): { server: string; transport: ClientTransport } {
  return { server: formatHostPort(options.server), transport: options.transport };
}
