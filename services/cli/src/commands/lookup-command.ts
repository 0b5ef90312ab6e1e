import { connectLocationApi, type PublicBinding } from '@rollcall/rpc';
import { type Command, Option } from 'commander';
import { type AddressOfRecord, parseAddressOfRecord } from '../address-argument.ts';
import { argument, type CliContext, runCommand, wholeNumber } from '../cli-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { addGrpcOptions, type GrpcOptions, withGrpc } from '../grpc-options.ts';
import { type FoundAddress, lookUp } from '../look-up.ts';
import { withoutControls } from '../printable.ts';
import { formatTable } from '../table.ts';
import { parseTarget } from '../target-argument.ts';
import type { Terminal } from '../terminal.ts';

interface LookupOptions extends GrpcOptions {
  readonly location: string;
  /** Seconds. */
  readonly timeout: number;
}

/** `rollcall lookup`: asks location where AORs are registered. */
export function addLookupCommand(program: Command, context: CliContext): void {
  const command = program
    .command('lookup')
    .description('ask the location service (gRPC) where addresses are registered')
    .argument('<aor...>', 'addresses of record, for example sip:alice@example.com', collect)
    .addOption(
      new Option('--location <host:port>', 'where location serves gRPC')
        .argParser(argument(parseTarget))
        .default(context.config.location),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the answer')
        .argParser(argument(wholeNumber(1, 64)))
        .default(5),
    );
  addGrpcOptions(command, context).action((aors: readonly AddressOfRecord[], options: LookupOptions) =>
    runCommand(context, command, (terminal) => run(aors, options, context, terminal)),
  );
}

/** Commander gives one argument at a time. */
function collect(text: string, before: readonly AddressOfRecord[] | undefined): readonly AddressOfRecord[] {
  return [...(before ?? []), argument(parseAddressOfRecord)(text)];
}

async function run(
  aors: readonly AddressOfRecord[],
  options: LookupOptions,
  context: CliContext,
  terminal: Terminal,
): Promise<ExitCode> {
  return await withGrpc(options, context, async (connecting) => {
    const location = connectLocationApi(options.location, connecting);
    try {
      const names = aors.map(({ aor }) => aor);
      const call = { timeoutMs: options.timeout * 1000, traceparent: '' };
      const addresses = await lookUp(location, options.location, names, call);
      terminal.result({ addresses: addresses.map(showAddress) });
      for (const address of addresses) printAddress(address, terminal);
      return addresses.every(isRegistered) ? exitCodes.fine : exitCodes.refused;
    } finally {
      location.close();
    }
  });
}

function isRegistered(address: FoundAddress): boolean {
  return 'registration' in address && address.registration.bindings.length > 0;
}

function printAddress(address: FoundAddress, terminal: Terminal): void {
  const name = terminal.mark(address.aor, 'strong');
  if ('problem' in address) {
    terminal.line(`${name} ${terminal.mark(address.problem, 'bad')}`);
    return;
  }
  const { bindings } = address.registration;
  if (bindings.length === 0) {
    terminal.line(`${name} ${terminal.mark('is not registered', 'bad')}`);
    return;
  }
  terminal.line(`${name} ${terminal.mark('is registered', 'good')}`);
  const rows = bindings.map((binding) => [
    withoutControls(binding.contact),
    `${remainingSec(binding)} s`,
    String(roundQ(binding.q)),
    withoutControls([binding.flow?.transport ?? '', binding.received].join(' ').trim()),
    withoutControls(binding.flow?.edge ?? ''),
    withoutControls(binding.userAgent),
  ]);
  for (const line of formatTable(['CONTACT', 'EXPIRES IN', 'Q', 'RECEIVED', 'EDGE', 'USER AGENT'], rows)) {
    terminal.line(line);
  }
}

/** An address as JSON shows it: names and values of the public API, durations in seconds. */
function showAddress(address: FoundAddress): unknown {
  if ('problem' in address) return address;
  const { expireTime, bindings } = address.registration;
  return {
    aor: address.aor,
    expireTime,
    bindings: bindings.map(({ remaining: _remaining, ...binding }) => ({
      ...binding,
      q: roundQ(binding.q),
      expiresSec: remainingSec({ remaining: _remaining }),
    })),
  };
}

/** A binding that lives has a second left, at least (RFC 3261 §10.3 step 8). */
function remainingSec({ remaining }: Pick<PublicBinding, 'remaining'>): number {
  return Math.max(1, remaining?.seconds ?? 0);
}

/** The wire has it as a 32-bit float: 0.7 comes as 0.699999988. */
function roundQ(q: number): number {
  return Math.round(q * 1000) / 1000;
}
