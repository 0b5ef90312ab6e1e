import { type ConnectOptions, connectLocationApi } from '@rollcall/rpc';
import type { ListenAddress } from '@rollcall/runtime';
import { type Command, Option } from 'commander';
import { type AddressOfRecord, parseAddressOfRecord } from '../address-argument.ts';
import { argument, type CliContext, runCommand, wholeNumber } from '../cli-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { addGrpcOptions, type GrpcOptions, withGrpc } from '../grpc-options.ts';
import { parseListen } from '../listen-argument.ts';
import { addLoginOptions, type LoginOptions } from '../login-options.ts';
import type { LocationTarget } from '../probe.ts';
import { runProbeLoop } from '../probe-loop.ts';
import { describeWay, isGood, type ProbeRound, type ProbeWay, probeWay, showRound } from '../probe-round.ts';
import { withPort } from '../server-argument.ts';
import { addSipOptions, type SipOptions } from '../sip-options.ts';
import { formatTable } from '../table.ts';
import { parseTarget } from '../target-argument.ts';
import type { Terminal } from '../terminal.ts';
import { parseWay } from '../way-argument.ts';

interface ProbeOptions extends SipOptions, LoginOptions, GrpcOptions {
  /** Instead of server and transport. */
  readonly via?: readonly ProbeWay[];
  /** false: no look-up. undefined: where no server was named. */
  readonly location?: string | false;
  /** Seconds; true: the usual ones. */
  readonly loop?: number | true;
  readonly metrics?: ListenAddress;
}

const usualPauseSec = 30;

/** `rollcall probe`: one whole round, or round after round as a canary. */
export function addProbeCommand(program: Command, context: CliContext): void {
  const command = program
    .command('probe')
    .description(
      'register a contact, find it as a caller does, look it up over gRPC, remove it; for canaries',
    )
    .argument(
      '<aor>',
      'address of record of a user kept for this: callers are told of the contact meanwhile',
      argument(parseAddressOfRecord),
    );
  addGrpcOptions(addLoginOptions(addSipOptions(command, context)), context)
    .addOption(
      new Option(
        '--via <transport:host[:port]>',
        'instead of --server and --transport; may be repeated: each in its turn',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--location <host:port>',
        `where location serves gRPC (default: ${context.config.location} where neither --server nor --via is given)`,
      ).argParser(argument(parseTarget)),
    )
    .option('--no-location', 'do not look it up over gRPC')
    .addOption(
      new Option(
        '--loop [seconds]',
        `go on for ever, with a pause between rounds (default: ${usualPauseSec})`,
      ).argParser(argument(wholeNumber(1, 3600))),
    )
    .addOption(
      new Option(
        '--metrics <[host:]port>',
        'with --loop: serve /metrics, /livez and /readyz there',
      ).argParser(argument(parseListen)),
    )
    .action((aor: AddressOfRecord, options: ProbeOptions) =>
      runCommand(context, command, (terminal) =>
        withGrpc(options, context, (connecting) =>
          run(aor, { ...options, ...chosenLocation(command, context) }, connecting, context, terminal),
        ),
      ),
    );
}

/** Commander gives one argument at a time. */
function collect(text: string, before: readonly ProbeWay[] | undefined): readonly ProbeWay[] {
  return [...(before ?? []), argument(parseWay)(text)];
}

/** Whoever names a server may be far from location's port; whoever does not has both beside him. */
function chosenLocation(command: Command, { config }: CliContext): { location?: string | false } {
  const given = command.getOptionValueSource('location') === 'cli';
  const named = ['server', 'via'].some((name) => command.getOptionValueSource(name) === 'cli');
  if (given) return {};
  return { location: named ? false : config.location };
}

async function run(
  aor: AddressOfRecord,
  options: ProbeOptions,
  connecting: ConnectOptions,
  context: CliContext,
  terminal: Terminal,
): Promise<ExitCode> {
  const { location: target, server, transport, timeout } = options;
  const ways = options.via ?? [{ server: withPort(server, transport), transport }];
  const connection = typeof target === 'string' ? connectLocationApi(target, connecting) : undefined;
  const location: LocationTarget | undefined =
    connection && typeof target === 'string'
      ? { calls: connection, target, timeoutMs: timeout * 1000 }
      : undefined;
  const probe = (way: ProbeWay): Promise<ProbeRound> => probeWay(way, aor, options, location, context);
  try {
    if (options.loop !== undefined) {
      const pauseMs = (options.loop === true ? usualPauseSec : options.loop) * 1000;
      await runProbeLoop({ ways, pauseMs, metricsListen: options.metrics, probe }, context, terminal);
      return exitCodes.fine;
    }
    const rounds: ProbeRound[] = [];
    for (const way of ways) rounds.push(await probe(way));
    showRounds(aor, rounds, options.via !== undefined, terminal);
    return judge(rounds);
  } finally {
    connection?.close();
  }
}

function showRounds(
  aor: AddressOfRecord,
  rounds: readonly ProbeRound[],
  several: boolean,
  terminal: Terminal,
): void {
  const shown = rounds.map(showRound);
  terminal.result(
    several ? { aor: aor.aor, good: rounds.every(isGood), servers: shown } : { aor: aor.aor, ...shown[0] },
  );
  for (const round of rounds) {
    if (several) terminal.line(terminal.mark(describeWay(round.way), 'strong'));
    const rows = round.steps.map(({ name, answer, tookMs, problem }) => [
      name,
      answer,
      `${tookMs} ms`,
      problem === '' ? terminal.mark('good', 'good') : terminal.mark(problem, 'bad'),
    ]);
    for (const line of formatTable(['STEP', 'ANSWER', 'TOOK', 'VERDICT'], rows)) terminal.line(line);
  }
}

function judge(rounds: readonly ProbeRound[]): ExitCode {
  if (rounds.every(isGood)) return exitCodes.fine;
  const silent = rounds.some(({ steps }) => steps.some(({ answer }) => answer === 'NONE'));
  return silent ? exitCodes.noAnswer : exitCodes.refused;
}
